#include "bench/demo/demo.h"

#include <signal.h>
#include <stdlib.h>

#include <filesystem>

#include "bench/demo/demo_steps.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

absl::StatusOr<std::string> MakeFolder() {
  std::error_code error;
  std::string folder = std::filesystem::temp_directory_path(error) / "sessionhub-demo.XXXXXX";
  if (error || mkdtemp(folder.data()) == nullptr) {
    return absl::UnavailableError("cannot make a temporary folder like " + folder);
  }
  return folder;
}

absl::StatusOr<std::vector<Basket>> MakeBaskets(const DemoOptions& options) {
  if (options.baskets_path.empty()) return GenerateBaskets(options.carts, options.seed);
  return ReadBaskets(options.baskets_path, options.limit);
}

absl::Status RunSteps(const DemoOptions& options, Stage* stage, Report* report) {
  RETURN_IF_ERROR(stage->hub->Start());
  RETURN_IF_ERROR(ShowSticky(stage, report));
  RETURN_IF_ERROR(ShowRoundRobin(stage, report));
  RETURN_IF_ERROR(ShowNodeKills(stage, options.kills, options.seed, report));
  RETURN_IF_ERROR(ShowHubKills(stage, options.kills, options.seed, report));
  RETURN_IF_ERROR(ShowBytes(stage, report));
  return stage->hub->Stop();
}

}  // namespace

absl::StatusOr<bool> RunDemo(const DemoOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a killed node is found out by what write() answers
  Stage stage;
  Report report({"changes", "forwarded", "forwarded_to_uninterested", "lost_without_kill",
                 "lost_after_node_kill", "lost_after_hub_kill", "applied_twice", "inconsistent",
                 "copies_that_differ", "gaps_seen", "node_kills", "hub_kills", "unacked_at_kill"});
  stage.program = ProgramFolder() + "/sessionhub-bench";
  stage.users = options.users;
  stage.idle_s = options.idle_s;
  stage.say = [&report](const std::string& line) { report.Say(line); };
  stage.deadline_us = MonotonicMicros() + static_cast<int64_t>(options.time_max_s * 1e6);
  ASSIGN_OR_RETURN(stage.baskets, MakeBaskets(options));
  ASSIGN_OR_RETURN(stage.folder, MakeFolder());
  const std::string hub =
      options.hub_program.empty() ? ProgramFolder() + "/sessionhubd" : options.hub_program;
  stage.hub = std::make_unique<HubProcess>(hub, stage.folder);
  report.Set("baskets", stage.baskets.size());
  report.Set("requests_per_step", CountItems(stage.baskets));
  report.Set("seed", options.seed);
  report.Say("sessionhub demo: " + std::to_string(stage.baskets.size()) + " baskets, " +
             std::to_string(CountItems(stage.baskets)) + " requests in each step, " +
             std::to_string(options.users) + " users at a time, seed " +
             std::to_string(options.seed) + "; everything is in " + stage.folder +
             ", which is removed at the end if all is well");
  const absl::Status status = RunSteps(options, &stage, &report);
  if (!status.ok()) report.Fail("the run itself: " + status.ToString());
  stage.hub.reset();
  if (!options.json_path.empty()) RETURN_IF_ERROR(report.WriteJson(options.json_path));
  if (report.failed()) {
    report.Say("FAILED; logs, data and sessions are kept in " + stage.folder);
    return false;
  }
  std::error_code ignored;
  std::filesystem::remove_all(stage.folder, ignored);
  report.Say(
      "OK: " + std::to_string(report.Count("changes")) +
      " changes acked, none lost, none applied twice, none sent to a node that had not asked");
  return true;
}

}  // namespace sessionhub::bench
