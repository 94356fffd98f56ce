#include "bench/compare/command_line.h"

namespace sessionhub::bench {
namespace {

// Each takes one value or several; what is left out is swept as usual.
void AddSweep(CLI::App* compare, SweepOptions* sweep) {
  compare->add_option("--nodes", sweep->nodes, "Web nodes")->check(CLI::Range(1, 64));
  compare
      ->add_option("--routing", sweep->routing,
                   "sticky: all requests of a session to one node; round-robin: to all in turn")
      ->check(CLI::IsMember({"sticky", "round-robin"}));
  compare->add_option("--session-bytes", sweep->session_bytes, "Of each session, serialised")
      ->check(CLI::Range(64, 4 << 20));
  compare->add_option("--fields-changed", sweep->fields_changed, "Fields that a change sets")
      ->check(CLI::Range(1, 1'000));
  compare
      ->add_option("--read-percent", sweep->read_percent,
                   "Of all requests, so many only read their session")
      ->check(CLI::Range(0, 100));
  compare
      ->add_option("--connections", sweep->connections,
                   "To each node; each is of a user who waits for an answer and asks again")
      ->check(CLI::Range(1, 32));
  compare->add_option("--fields", sweep->fields, "Of each session")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  compare
      ->add_option("--requests", sweep->requests,
                   "That are counted in a cell; 0: 1000, or 300 with --quick, fewer of large "
                   "sessions")
      ->check(CLI::Range(0, 10'000'000));
}

}  // namespace

void AddCompare(CLI::App* program, CompareOptions* options) {
  CLI::App* compare = program->add_subcommand(
      "compare", "The same requests through each way of sharing sessions, on real servers");
  compare->add_flag("--quick", options->sweep.quick,
                    "Fewer cells and requests, one routing of each way, no risks");
  compare->add_option("--only", options->only, "Only these ways")
      ->check(CLI::IsMember(ComparedStrategyNames()));
  AddSweep(compare, &options->sweep);
  compare->add_flag("--cells,!--no-cells", options->cells,
                    "Measure bytes, times and memory; the default");
  compare->add_flag_function(
      "--risks,!--no-risks", [options](int64_t count) { options->risks = count > 0; },
      "Measure what each way loses; the default unless cells are asked for");
  compare
      ->add_option("--risk-trials", options->risk_trials,
                   "Sessions for which each fault is tried; 0: 100, or 5 with --quick")
      ->check(CLI::Range(0, 10'000));
  compare
      ->add_option(
          "--time-max-s", options->time_max_s,
          "Seconds after which no further cluster is started; 0: 2200, or 270 with --quick")
      ->check(CLI::Range(0.0, 86'400.0))
      ->capture_default_str();
  compare->add_option("--json", options->json_path, "Write the results to this file");
  compare->add_option("--report", options->report_folder,
                      "Write a page with tables and pictures into this folder");
  compare->add_option("--commit", options->commit, "For the file: the commit that was built");
}

void AddCompareNode(CLI::App* program, WebNodeOptions* options) {
  CLI::App* node = program->add_subcommand("compare-node")->group("");
  NodeSessionsOptions& sessions = options->sessions;
  node->add_option("--strategy", sessions.strategy)->required();
  node->add_option("--node", sessions.node)->required();
  node->add_option("--front", options->front_ip)->required();
  node->add_option("--back", sessions.back_address)->required();
  node->add_option("--peer", sessions.peers);
  node->add_option("--server", sessions.server);
  node->add_flag("--round-robin", sessions.round_robin);
}

}  // namespace sessionhub::bench
