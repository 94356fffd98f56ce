// sessionhub-bench: shows and measures what a hub does. This file holds the command line only.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "bench/compare/command_line.h"
#include "bench/compare/compare.h"
#include "bench/compare/web_node.h"
#include "bench/crash/campaign.h"
#include "bench/demo/demo.h"
#include "bench/demo/dump.h"
#include "bench/demo/mesh_node.h"
#include "bench/demo/node.h"
#include "bench/limits/echo_server.h"
#include "bench/limits/limits.h"
#include "bench/load/generator_process.h"
#include "bench/load/load.h"
#include "bench/overload/load_worker.h"
#include "bench/overload/overload.h"
#include "bench/replay/replay.h"
#include "bench/report/fan_out_nodes.h"
#include "bench/report/redis_client.h"
#include "bench/report/report.h"
#include "bench/sizing/sizing.h"

namespace sessionhub::bench {
namespace {

constexpr int kWrongUsage = 2;
constexpr int kInterrupted = 130;  // as a shell tells of a program that SIGINT has ended

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "sessionhub-bench: %s\n", status.ToString().c_str());
  return absl::IsCancelled(status) ? kInterrupted : 1;
}

int ExitCode(const absl::StatusOr<bool>& passed) {
  if (!passed.ok()) return ExitCode(passed.status());
  return *passed ? 0 : 1;
}

void AddDemo(CLI::App* program, DemoOptions* options) {
  CLI::App* demo = program->add_subcommand(
      "demo", "The whole path in five steps: real processes, real kills, real bytes");
  demo->add_option(
          "--baskets", options->baskets_path,
          "Replay the baskets in this csv or csv.gz: a line each, stock codes between commas")
      ->check(CLI::ExistingFile);
  demo->add_option("--limit", options->limit, "Only the first N baskets of --baskets; 0: all");
  demo->add_option("--carts", options->carts, "Baskets to generate without --baskets")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  demo->add_option("--seed", options->seed, "Of the generator and of the kills")
      ->capture_default_str();
  demo->add_option("--users", options->users, "Users who shop at the same time")
      ->check(CLI::Range(3, 256))
      ->capture_default_str();
  demo->add_option("--kills", options->kills, "Kills of a node, and as many of the hub")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  demo->add_option("--idle-s", options->idle_s, "Seconds for which idle traffic is measured")
      ->check(CLI::Range(0.5, 60.0))
      ->capture_default_str();
  demo->add_option("--time-max-s", options->time_max_s, "Seconds after which the demo gives up")
      ->check(CLI::Range(10.0, 86'400.0))
      ->capture_default_str();
  demo->add_option("--json", options->json_path, "Write the figures to this file");
  demo->add_option("--hub", options->hub_program, "sessionhubd, if it is not beside this program");
}

void AddKills(CLI::App* program, CampaignOptions* options) {
  CLI::App* kills = program->add_subcommand(
      "kills", "Kills hubs and nodes in mid-traffic, in every phase; needs a hub with fail points");
  kills
      ->add_option("--hub-kills", options->hub_kills,
                   "Kills of the hub, shared out among the phases of its work")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  kills->add_option("--node-kills", options->node_kills, "Kills of a node")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  kills->add_option("--stops", options->stops, "Stops of the hub, and as many of a node")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  kills
      ->add_option("--unacked-min", options->unacked_min,
                   "A kill counts only with so many commits in flight")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  kills->add_option("--faults-per-round", options->faults_per_round, "Judged together")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  kills->add_option("--users", options->users, "Users who shop at the same time")
      ->check(CLI::Range(3, 1'000))
      ->capture_default_str();
  kills->add_option("--seed", options->seed, "Of the baskets and the faults")
      ->capture_default_str();
  kills->add_option("--time-max-s", options->time_max_s, "Seconds after which it gives up")
      ->check(CLI::Range(10.0, 86'400.0))
      ->capture_default_str();
  kills->add_option("--json", options->json_path, "Write the figures to this file");
  kills->add_option("--hub", options->hub_program, "sessionhubd, if it is not beside this program");
}

void AddOverload(CLI::App* program, OverloadOptions* options) {
  CLI::App* overload = program->add_subcommand(
      "overload", "More nodes, commits and reconnects than a hub likes, and what they cost");
  overload->add_option("--only", options->only, "Only these measures")
      ->check(CLI::IsMember(OverloadMeasures()));
  overload->add_option("--nodes", options->nodes, "Nodes connected at a time, in `nodes`")
      ->check(CLI::Range(11, 10'000))
      ->capture_default_str();
  overload->add_option("--storm-nodes", options->storm_nodes, "Nodes that come back at once")
      ->check(CLI::Range(1, 5'000))
      ->capture_default_str();
  overload->add_option("--storm-sessions", options->storm_sessions, "Sessions of each of them")
      ->check(CLI::Range(1, 5'000))
      ->capture_default_str();
  overload->add_option("--away-s", options->away_s, "Seconds for which the hub of `storm` is away")
      ->check(CLI::Range(0.5, 600.0))
      ->capture_default_str();
  overload->add_option("--stall-s", options->stall_s, "Seconds for which a node does not read")
      ->check(CLI::Range(0.5, 600.0))
      ->capture_default_str();
  overload
      ->add_option("--outbox-bytes-max", options->outbox_bytes_max,
                   "Of the hub, while a node does not read")
      ->check(CLI::Range(64 << 10, 1 << 30))
      ->capture_default_str();
  overload->add_option("--flood", options->flood, "Commits in flight at each node of `mailbox`")
      ->check(CLI::Range(1, 300))
      ->capture_default_str();
  overload->add_option("--hot-nodes", options->hot_nodes, "Nodes that write one session")
      ->check(CLI::Range(2, 500))
      ->capture_default_str();
  overload->add_option("--load-s", options->load_s, "Seconds of writing in the other measures")
      ->check(CLI::Range(0.5, 600.0))
      ->capture_default_str();
  overload->add_option("--json", options->json_path, "Write the figures to this file");
  overload->add_option("--commit", options->commit, "For the file: the commit that was built");
  overload->add_option("--hub", options->hub_program,
                       "sessionhubd, if it is not beside this program");
}

void AddLoad(CLI::App* program, LoadOptions* options, std::string* routing) {
  CLI::App* load = program->add_subcommand(
      "load", "Commits at a rate, or as fast as they are answered, and what they take");
  load->add_option("--nodes", options->nodes, "Node processes")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  load->add_option("--idle-nodes", options->idle_nodes,
                   "So many of the nodes hold a session each and write nothing")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
  load->add_option("--routing", *routing,
                   "sticky: each session is written by one node; round-robin: by all in turn")
      ->check(CLI::IsMember({"sticky", "round-robin"}))
      ->capture_default_str();
  load->add_option("--fan-out", options->fan_out,
                   "Nodes with interest in each session, its writer among them; with sticky")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  load->add_option("--sessions", options->sessions, "Sessions of all nodes together")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  load->add_option("--session-bytes", options->session_bytes, "Of values in each session, at first")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  load->add_option("--session-fields", options->session_fields, "Fields of each session")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  load->add_option("--fields", options->fields, "Fields that a commit sets")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  load->add_option("--value-bytes", options->value_bytes, "Of each of them")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  load->add_option("--ack", options->ack, "What a commit waits for")
      ->check(CLI::IsMember({"received", "durable", "delivered"}))
      ->capture_default_str();
  load->add_option("--per-s", options->per_s,
                   "Commits that begin in a second, on all nodes together; 0: each as soon as one "
                   "ends")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  load->add_option("--in-flight", options->in_flight_max, "Commits of a node without an answer")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  load->add_option("--warm-up-s", options->warm_up_s, "Seconds that are not counted")
      ->check(CLI::Range(0.0, 3'600.0))
      ->capture_default_str();
  load->add_option("--seconds", options->seconds, "Seconds that are counted")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  load->add_option("--json", options->json_path, "Write the figures to this file");
  load->add_option("--commit", options->commit, "For the file: the commit that was built");
  load->add_option("--hub", options->hub_program, "sessionhubd, if it is not beside this program");
  load->add_option("--hub-option", options->hub_options, "Further options of sessionhubd");
}

void AddLimits(CLI::App* program, LimitsOptions* options) {
  CLI::App* limits = program->add_subcommand(
      "limits", "What a hub's figures stand beside: gRPC, the disk, RocksDB, and Redis");
  limits->add_option("--only", options->only, "Only these measures")
      ->check(CLI::IsMember(LimitMeasures()));
  limits->add_option("--seconds", options->seconds, "Of each measurement")
      ->check(CLI::Range(0.02, 60.0))
      ->capture_default_str();
  limits->add_option("--streams", options->streams, "That hear of each message, in `fan_out`")
      ->check(CLI::Range(1, 5'000))
      ->capture_default_str();
  limits->add_option("--append-bytes", options->append_bytes, "Of one write, in `append`")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  limits
      ->add_option("--subscribers", options->subscribers,
                   "How many hear of each change, in HSET + PUBLISH; may be given again")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  limits->add_option("--folder", options->folder, "An existing folder on the disk under test")
      ->check(CLI::ExistingDirectory);
  limits->add_option("--json", options->json_path, "Write the figures to this file");
  limits->add_option("--commit", options->commit, "For the file: the commit that was built");
}

void AddReport(CLI::App* program, ReportOptions* options) {
  CLI::App* report = program->add_subcommand(
      "report", "The hub beside its limits and a peer, in one run: goal, figure, pass or short");
  report->add_option("--only", options->only, "Only these rows")
      ->check(CLI::IsMember(ReportRows()));
  report->add_option("--seconds", options->seconds, "Of each measurement")
      ->check(CLI::Range(0.1, 60.0))
      ->capture_default_str();
  report->add_option("--half-load-s", options->half_load_s, "Seconds at half load")
      ->capture_default_str()
      ->check(CLI::Range(0.05, 3600.0));
  report->add_option("--sessions", options->sessions, "Stored at the hub of `million`")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  report
      ->add_option("--streams", options->streams,
                   "Nodes that are attached, in `fan_out` and `million`")
      ->check(CLI::Range(1, 5'000))
      ->capture_default_str();
  report
      ->add_option("--large-sessions", options->large_sessions,
                   "Of 16 MB each, which are opened in turn, in `cold_large`")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  report->add_option("--folder", options->folder, "An existing folder on the disk under test")
      ->check(CLI::ExistingDirectory);
  report->add_option("--json", options->json_path, "Write the figures to this file");
  report
      ->add_option("--results", options->results_folder,
                   "Write figures, table and micro benchmarks to this folder, by the day's name")
      ->check(CLI::ExistingDirectory);
  report->add_option("--commit", options->commit, "For the file: the commit that was built");
  report->add_option("--hub", options->hub_program,
                     "sessionhubd, if it is not beside this program");
}

// What no log tells of its requests.
void AddReplayAssumptions(CLI::App* replay, ReplayOptions* options) {
  replay
      ->add_option("--changing-methods", options->changing_methods,
                   "Requests of a log that change their session; all others only read it")
      ->delimiter(',')
      ->capture_default_str();
  replay
      ->add_option("--static-suffixes", options->static_suffixes,
                   "Requests of a log for paths that end so are left out")
      ->delimiter(',')
      ->capture_default_str();
  replay
      ->add_option("--session-bytes", options->session_bytes, "Of values in each session of a log")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  replay->add_option("--session-fields", options->session_fields, "Fields of each of them")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  replay
      ->add_option("--fields-per-attribute", options->fields_per_attribute,
                   "How many of them share an attribute, the least that Tomcat replicates")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  replay->add_option("--fields-changed", options->fields_changed, "Fields that a change sets")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  replay->add_option("--value-bytes", options->value_bytes, "Of each of them")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
}

void AddReplay(CLI::App* program, ReplayOptions* options) {
  CLI::App* replay = program->add_subcommand(
      "replay", "What each way of sharing sessions would send for your own traffic: a model");
  replay
      ->add_option("--log", options->log_paths,
                   "An access log of Apache or nginx, plain or gz, in the common or combined "
                   "format; may be given again, the older one first")
      ->check(CLI::ExistingFile);
  replay
      ->add_option("--baskets", options->baskets_path,
                   "In its place baskets, as of the demo: csv or csv.gz, a line each")
      ->check(CLI::ExistingFile);
  replay->add_option("--limit", options->limit, "Only the first N lines or baskets; 0: all");
  replay->add_option("--nodes", options->nodes, "Nodes that share the sessions")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  replay->add_option("--json", options->json_path, "Write the figures to this file");
  replay
      ->add_option("--session-field", options->session_field,
                   "The session is told by the N-th field after the agent, from 1; without it, "
                   "client address and agent are one")
      ->check(CLI::Range(1, 100));
  replay->add_option(
      "--session-cookie", options->session_cookie,
      "The session is told by this cookie in the line's last field, a Cookie header");
  replay->add_option("--idle-minutes", options->idle_minutes, "A session ends when idle for longer")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  replay
      ->add_option("--open-sessions-max", options->open_sessions_max,
                   "Past it the one idle for longest ends; each takes 1 to 2 KiB of memory")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  AddReplayAssumptions(replay, options);
}

// The helpers are processes of the demo, not for people: an empty group hides them.
CLI::App* AddHelper(CLI::App* program, const std::string& name) {
  return program->add_subcommand(name)->group("");
}

void AddNode(CLI::App* program, NodeOptions* options) {
  CLI::App* node = AddHelper(program, "node");
  node->add_option("--endpoint", options->endpoint)->required();
  node->add_option("--app", options->app)->required();
  node->add_option("--name", options->name)->required();
  node->add_option("--log", options->log_path)->required();
  node->add_option("--threads", options->threads);
  node->add_option("--unanswered-max", options->unanswered_max);
  node->add_option("--stale-max-ms", options->stale_max_ms);
  node->add_option("--open-patience-ms", options->open_patience_ms);
}

void AddDump(CLI::App* program, DumpOptions* options) {
  CLI::App* dump = AddHelper(program, "dump");
  dump->add_option("--endpoint", options->endpoint)->required();
  dump->add_option("--app", options->app)->required();
  dump->add_option("--ids", options->ids_path);
  dump->add_option("--out", options->output_path)->required();
}

void AddMeshNode(CLI::App* program, MeshNodeOptions* options, std::string* name,
                 std::string* broadcast) {
  CLI::App* node = AddHelper(program, "mesh-node");
  node->add_option("--broadcast", *broadcast)
      ->required()
      ->check(CLI::IsMember({"session", "attribute", "field"}));
  node->add_option("--name", *name);
  node->add_option("--log", options->log_path)->required();
}

void AddLoadWorker(CLI::App* program, LoadWorkerOptions* options) {
  CLI::App* worker = AddHelper(program, "load-nodes");
  worker->add_option("--endpoint", options->endpoint)->required();
  worker->add_option("--app", options->app)->required();
  worker->add_option("--prefix", options->prefix)->required();
  worker->add_option("--nodes", options->nodes);
  worker->add_option("--stale-max-ms", options->stale_max_ms);
  worker->add_option("--pending-bytes-max", options->pending_bytes_max);
}

void AddLoadNode(CLI::App* program, const std::string& command, GeneratorProcessOptions* options) {
  CLI::App* node = AddHelper(program, command);
  node->add_option("--endpoint", options->endpoint)->required();
  node->add_option("--app", options->app)->required();
  node->add_option("--prefix", options->name)->required();
  node->add_option("--tls-ca", options->tls_ca);
}

int ReplayExitCode(const ReplayOptions& options) {
  const absl::Status usage = CheckReplayOptions(options);
  if (usage.ok()) return ExitCode(RunReplay(options));
  ExitCode(usage);  // says it
  return kWrongUsage;
}

int SizingExitCode(const SizingOptions& options) {
  const absl::Status usage = CheckSizingOptions(options);
  if (usage.ok()) return ExitCode(RunSizing(options));
  ExitCode(usage);  // says it
  return kWrongUsage;
}

// As it was called, without the folders of programs.
std::string JoinCommand(int argc, char** argv) {
  const std::string program = argv[0];
  std::string command = program.substr(program.rfind('/') + 1);
  for (int i = 1; i < argc; ++i) command += std::string(" ") + argv[i];
  return command;
}

int Run(int argc, char** argv) {
  CLI::App program("Shows and measures what a session hub does.", "sessionhub-bench");
  program.set_version_flag("--version", std::string("sessionhub-bench ") + SESSIONHUB_VERSION);
  program.require_subcommand(1);
  DemoOptions demo;
  CampaignOptions kills;
  OverloadOptions overload;
  LoadOptions load;
  GeneratorProcessOptions load_node;
  LimitsOptions limits;
  ReportOptions report;
  SizingOptions sizing;
  ReplayOptions replay;
  CompareOptions compare;
  WebNodeOptions compare_node;
  NodeOptions node;
  LoadWorkerOptions load_worker;
  DumpOptions dump;
  MeshNodeOptions mesh_node;
  std::string mesh_name, broadcast, routing = "sticky";
  AddDemo(&program, &demo);
  AddKills(&program, &kills);
  AddOverload(&program, &overload);
  AddLoad(&program, &load, &routing);
  AddLoadNode(&program, "load-node", &load_node);
  AddLoadNode(&program, "fan-out-nodes", &load_node);
  AddLoadNode(&program, "redis-client", &load_node);
  AddLimits(&program, &limits);
  AddHelper(&program, "echo-server");
  AddReport(&program, &report);
  AddSizing(&program, &sizing);
  AddReplay(&program, &replay);
  AddCompare(&program, &compare);
  AddCompareNode(&program, &compare_node);
  AddNode(&program, &node);
  AddLoadWorker(&program, &load_worker);
  AddDump(&program, &dump);
  AddMeshNode(&program, &mesh_node, &mesh_name, &broadcast);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // CLI11 speaks in exceptions; they end here.
    return program.exit(error) == 0 ? 0 : kWrongUsage;
  }
  if (program.got_subcommand("demo")) return ExitCode(RunDemo(demo));
  if (program.got_subcommand("kills")) return ExitCode(RunCampaign(kills));
  overload.command = load.command = limits.command = report.command = replay.command =
      compare.command = sizing.command = JoinCommand(argc, argv);
  load.round_robin = routing == "round-robin";
  if (load.idle_nodes >= load.nodes) {
    return ExitCode(absl::InvalidArgumentError("--idle-nodes must leave a node that writes"));
  }
  if (program.got_subcommand("replay")) return ReplayExitCode(replay);
  if (program.got_subcommand("compare")) return ExitCode(RunCompare(compare));
  if (program.got_subcommand("compare-node")) return ExitCode(RunWebNode(compare_node));
  if (program.got_subcommand("load")) return ExitCode(RunLoad(load));
  if (program.got_subcommand("load-node")) return ExitCode(RunGeneratorProcess(load_node));
  if (program.got_subcommand("fan-out-nodes")) return ExitCode(RunFanOutNodes(load_node));
  if (program.got_subcommand("redis-client")) return ExitCode(RunRedisClient(load_node));
  if (program.got_subcommand("sizing")) return SizingExitCode(sizing);
  if (program.got_subcommand("report")) return ExitCode(RunReport(report));
  if (program.got_subcommand("limits")) return ExitCode(RunLimits(limits));
  if (program.got_subcommand("echo-server")) return ExitCode(RunEchoServer());
  if (program.got_subcommand("overload")) return ExitCode(RunOverload(overload));
  if (program.got_subcommand("load-nodes")) return ExitCode(RunLoadWorker(load_worker));
  if (program.got_subcommand("node")) return ExitCode(RunNode(node));
  if (program.got_subcommand("dump")) return ExitCode(RunDump(dump));
  mesh_node.broadcast = ParseBroadcast(broadcast).value_or(Broadcast::kSession);
  return ExitCode(RunMeshNode(mesh_node));
}

}  // namespace
}  // namespace sessionhub::bench

int main(int argc, char** argv) {
#ifdef NDEBUG
  // As the hub's program does, and docs/client.md advises.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  return sessionhub::bench::Run(argc, argv);
}
