#include "bench/sizing/sizing.h"

#include <signal.h>

#include <nlohmann/json.hpp>

#include "bench/demo/figures.h"
#include "bench/overload/findings.h"
#include "bench/overload/gauge.h"
#include "bench/overload/run_folder.h"
#include "bench/sizing/sizing_check.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr double kSecondsOfDay = 86'400;
constexpr double kCentsOfOne = 100;

std::string OfACore(double cores) {
  return OneDecimal(cores * kCentsOfOne) + " % of a core";
}

std::string PerSecond(double bytes) {
  return OneDecimal(bytes / 1'000) + " kB/s";
}

void SayPlan(const SizeQuestion& question, const SizePlan& plan, const Findings& findings) {
  findings.Say("hub memory           " + InMebibytes(plan.hub_memory_bytes) + ", and up to " +
               InMebibytes(plan.outboxes_bytes_max) + " more while no node reads");
  findings.Say("memory of each node  " + InMebibytes(plan.node_memory_bytes));
  findings.Say("disk                 " + InMebibytes(plan.disk_bytes) + ", and up to " +
               InMebibytes(plan.backups_bytes_max) + " for " + OneDecimal(question.backups_kept) +
               " backups");
  findings.Say("written to disk      " + PerSecond(plan.disk_written_bytes_per_s) + ", " +
               InMebibytes(plan.disk_written_bytes_per_s * kSecondsOfDay) + " a day");
  findings.Say("processors           hub " + OfACore(plan.hub_cores) + ", all nodes " +
               OfACore(plan.nodes_cores));
  findings.Say("network              " + PerSecond(plan.wire_bytes_per_s) + "; " +
               OneDecimal(plan.wire_change_bytes) + " bytes for a change with its copies");
}

nlohmann::ordered_json DescribeQuestion(const SizeQuestion& question) {
  return {{"sessions", question.sessions},
          {"session_bytes", question.session_bytes},
          {"session_fields", question.session_fields},
          {"nodes", question.nodes},
          {"changes_per_s", question.changes_per_s},
          {"fan_out", question.fan_out},
          {"value_bytes", question.value_bytes},
          {"tls", question.tls},
          {"backups_kept", question.backups_kept},
          {"block_cache_bytes", question.block_cache_bytes}};
}

absl::StatusOr<bool> TellPlan(const SizingOptions& options) {
  const SizePlan plan = PlanFor(options.question);
  Findings findings;
  findings.Begin("plan");
  findings.Figure("question", DescribeQuestion(options.question));
  for (const SizeResource& resource : kSizeResources) {
    findings.Figure(resource.name, plan.*resource.planned);
  }
  findings.Figure("outboxes_bytes_max", plan.outboxes_bytes_max);
  findings.Figure("backups_bytes_max", plan.backups_bytes_max);
  findings.Figure("wire_change_bytes", plan.wire_change_bytes);
  SayPlan(options.question, plan, findings);
  if (options.json_path.empty()) return true;
  RETURN_IF_ERROR(findings.WriteJson(options.json_path, options.command, options.commit));
  return true;
}

absl::StatusOr<bool> Check(const SizingOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a worker that has ended is found out by what write() answers
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("sizing"));
  Findings findings;
  findings.Say("sessionhub sizing --check: " + DescribeMachine());
  for (const SizingPoint& point : SizingPoints(options.quick)) {
    RunMeasure(point.name, folder, &findings, [&](const std::string& own_folder) {
      findings.Figure("question", DescribeQuestion(point.question));
      return CheckPoint(options, point, own_folder, &findings);
    });
  }
  return EndRun(findings, folder, {options.json_path, options.command, options.commit},
                options.quick
                    ? "everything was measured, and nothing judged"
                    : "every figure is within " + OneDecimal(kSizingFactorMax) + " x of its plan");
}

}  // namespace

absl::Status CheckSizingOptions(const SizingOptions& options) {
  if (options.quick && !options.check) {
    return absl::InvalidArgumentError("--quick is of --check: give both, or neither");
  }
  if (options.question.fan_out > options.question.nodes) {
    return absl::InvalidArgumentError(
        "--fan-out is more than --nodes: give at most as many, as each node has a session open "
        "once");
  }
  return absl::OkStatus();
}

bool WithinSizingFactor(double planned, double measured) {
  return measured <= planned * kSizingFactorMax && planned <= measured * kSizingFactorMax;
}

void AddSizing(CLI::App* program, SizingOptions* options) {
  CLI::App* sizing = program->add_subcommand(
      "sizing", "What a hub and its nodes need: memory, disk, processors, network");
  SizeQuestion& question = options->question;
  const auto add = [sizing](const char* name, double* number, const char* help, double least,
                            double most) {
    sizing->add_option(name, *number, help)->check(CLI::Range(least, most))->capture_default_str();
  };
  add("--sessions", &question.sessions, "Sessions that the hub has", 1, 1e9);
  add("--session-bytes", &question.session_bytes, "Of values in each session", 0, 1 << 30);
  add("--session-fields", &question.session_fields, "Fields of each session", 1, 1e6);
  add("--nodes", &question.nodes, "Nodes that are attached", 1, 1 << 20);
  add("--changes-per-s", &question.changes_per_s, "Changes of all nodes together", 0, 1e7);
  add("--fan-out", &question.fan_out,
      "Nodes that have each session open, the one that changes it among them", 1, 1 << 20);
  add("--value-bytes", &question.value_bytes, "That a change sets", 1, 32 << 20);
  add("--block-cache-bytes", &question.block_cache_bytes, "The hub's option", 1 << 20, 1e12);
  add("--backups-kept", &question.backups_kept, "Backups in the folder", 0, 1'000);
  sizing->add_flag("--tls", question.tls, "Connections use TLS");
  sizing->add_flag("--check", options->check,
                   "Run real hubs and nodes and compare, in at most six minutes; takes root for "
                   "the network's figures, and openssl for those of TLS");
  sizing->add_flag("--quick", options->quick,
                   "Of --check: small and short; its figures are told and not judged");
  add("--seconds", &options->seconds, "Of --check: of changes, at each point", 0.2, 60);
  sizing->add_option("--json", options->json_path, "Write the figures to this file");
  sizing->add_option("--commit", options->commit, "For the file: the commit that was built");
  sizing->add_option("--hub", options->hub_program,
                     "sessionhubd, if it is not beside this program");
}

absl::StatusOr<bool> RunSizing(const SizingOptions& options) {
  return options.check ? Check(options) : TellPlan(options);
}

}  // namespace sessionhub::bench
