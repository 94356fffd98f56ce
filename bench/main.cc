// sessionhub-bench: shows and measures what a hub does. This file holds the command line only.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "bench/crash/campaign.h"
#include "bench/demo/demo.h"
#include "bench/demo/dump.h"
#include "bench/demo/mesh_node.h"
#include "bench/demo/node.h"

namespace sessionhub::bench {
namespace {

constexpr int kWrongUsage = 2;

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "sessionhub-bench: %s\n", status.ToString().c_str());
  return 1;
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

int Run(int argc, char** argv) {
  CLI::App program("Shows and measures what a session hub does.", "sessionhub-bench");
  program.set_version_flag("--version", std::string("sessionhub-bench ") + SESSIONHUB_VERSION);
  program.require_subcommand(1);
  DemoOptions demo;
  CampaignOptions kills;
  NodeOptions node;
  DumpOptions dump;
  MeshNodeOptions mesh_node;
  std::string mesh_name, broadcast;
  AddDemo(&program, &demo);
  AddKills(&program, &kills);
  AddNode(&program, &node);
  AddDump(&program, &dump);
  AddMeshNode(&program, &mesh_node, &mesh_name, &broadcast);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // CLI11 speaks in exceptions; they end here.
    return program.exit(error) == 0 ? 0 : kWrongUsage;
  }
  if (program.got_subcommand("demo")) return ExitCode(RunDemo(demo));
  if (program.got_subcommand("kills")) return ExitCode(RunCampaign(kills));
  if (program.got_subcommand("node")) return ExitCode(RunNode(node));
  if (program.got_subcommand("dump")) return ExitCode(RunDump(dump));
  mesh_node.broadcast = ParseBroadcast(broadcast).value_or(Broadcast::kSession);
  return ExitCode(RunMeshNode(mesh_node));
}

}  // namespace
}  // namespace sessionhub::bench

int main(int argc, char** argv) {
  return sessionhub::bench::Run(argc, argv);
}
