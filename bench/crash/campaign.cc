#include "bench/crash/campaign.h"

#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "bench/crash/fault.h"
#include "bench/crash/fault_injector.h"
#include "bench/crash/tally.h"
#include "bench/demo/figures.h"
#include "bench/demo/report.h"
#include "bench/demo/step.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// Short, so that a stop of seconds outlasts them. A session of some ten large items is large enough
// to be read beside the turns.
constexpr uint64_t kLeaseMs = 3'000;
constexpr uint64_t kHeartbeatMs = 500;
constexpr uint64_t kStaleMaxMs = 1'500;
// A large session may wait through many lives of a hub that dies about once a second.
constexpr uint64_t kOpenPatienceMs = 300'000;
constexpr uint64_t kTurnReadBytesMax = 8 << 10;

// Users use three. The fourth only opens what they are busy with, again and again: each time that
// is a whole catch-up.
constexpr size_t kFleetNodes = 4;

// One basket in this many has large items, and many of them.
constexpr size_t kLargeBasketEvery = 12;
constexpr size_t kLargeItems = 300;
constexpr size_t kLargeCodeBytes = 900;
constexpr size_t kBasketsPerFault = 40;
// Before the first fault, so that sessions have something in them.
constexpr uint64_t kRequestsOfAUserFirst = 8;

std::vector<std::string> HubOptions() {
  return {"--lease-ms",
          std::to_string(kLeaseMs),
          "--heartbeat-ms",
          std::to_string(kHeartbeatMs),
          "--turn-read-bytes-max",
          std::to_string(kTurnReadBytesMax)};
}

// Enough threads that those which wait for an Open leave some for the others.
std::vector<std::string> NodeOptions(size_t users) {
  return {"--threads",          std::to_string(std::max<size_t>(16, users / 4)),
          "--unanswered-max",   std::to_string(users),
          "--stale-max-ms",     std::to_string(kStaleMaxMs),
          "--open-patience-ms", std::to_string(kOpenPatienceMs)};
}

std::vector<Basket> MakeBaskets(size_t count, uint64_t seed) {
  std::vector<Basket> baskets = GenerateBaskets(count, seed);
  for (size_t i = 0; i < baskets.size(); i += kLargeBasketEvery) {
    baskets[i].clear();
    for (size_t item = 0; item < kLargeItems; ++item) {
      std::string code = "L" + std::to_string(i) + "-" + std::to_string(item) + "-";
      code.resize(kLargeCodeBytes, 'x');
      baskets[i].push_back(std::move(code));
    }
  }
  return baskets;
}

enum class RoundKind { kHub, kNodes, kBoth };

FaultCounts Only(RoundKind kind, FaultCounts counts) {
  if (kind == RoundKind::kHub) counts.node_kills = counts.node_stops = 0;
  if (kind == RoundKind::kNodes) {
    counts.hub_stops = 0;
    counts.hub_kills.clear();
  }
  return counts;
}

// Hub, nodes, both, as long as there is something of the kind to do.
RoundKind ChooseKind(size_t round, const FaultCounts& missing) {
  if (missing.at_nodes() == 0) return RoundKind::kHub;
  if (missing.at_the_hub() == 0) return RoundKind::kNodes;
  return static_cast<RoundKind>(round % 3);
}

class Campaign {
 public:
  Campaign(const CampaignOptions& options, Stage* stage, Report* report)
      : options_(options),
        stage_(*stage),
        report_(*report),
        random_(options.seed),
        tally_(ShareOut(options.hub_kills, options.node_kills, options.stops),
               options.unacked_min) {}

  absl::Status Run();
  const Tally& tally() const { return tally_; }
  size_t rounds() const { return rounds_; }

 private:
  absl::Status RunRound();
  void Judge(const StepPlan& plan, RoundKind kind, const StepOutcome& outcome);
  void DemandNone(uint64_t count, const std::string& key, const std::string& what);

  const CampaignOptions& options_;
  Stage& stage_;
  Report& report_;
  std::mt19937_64 random_;
  Tally tally_;
  size_t rounds_ = 0;
};

absl::Status Campaign::Run() {
  // Kills that do not count are made good in further rounds, but not for ever.
  const size_t rounds_max = 3 + 3 * (tally_.missing().all() / options_.faults_per_round + 1);
  while (tally_.missing().all() > 0 && rounds_ < rounds_max && !report_.failed()) {
    RETURN_IF_ERROR(RunRound());
  }
  if (tally_.missing().all() == 0 || report_.failed()) return absl::OkStatus();
  report_.Fail(std::to_string(tally_.missing().all()) + " of the faults did not come about in " +
               std::to_string(rounds_) + " rounds, or with too few commits in flight");
  return absl::OkStatus();
}

absl::Status Campaign::RunRound() {
  const RoundKind kind = ChooseKind(rounds_++, tally_.missing());
  std::vector<Fault> plan = PlanFaults(Only(kind, tally_.missing()), options_.faults_per_round,
                                       static_cast<int64_t>(kLeaseMs) * 1000, &random_);
  plan.front().requests += kRequestsOfAUserFirst * options_.users;
  stage_.baskets = MakeBaskets(options_.users + kBasketsPerFault * plan.size(), random_());
  const StepPlan step = {.name = "round-" + std::to_string(rounds_),
                         .routing = Routing::kRoundRobin,
                         .nodes = kFleetNodes,
                         .node_options = NodeOptions(options_.users)};
  std::vector<FaultDone> done;
  RETURN_IF_ERROR(stage_.hub->Start(NextFailPoint(plan, 0)));
  ASSIGN_OR_RETURN(const StepOutcome outcome, RunStep(&stage_, step, [&](Fleet* fleet) {
                     return std::make_unique<FaultInjector>(plan, options_.unacked_min, random_(),
                                                            fleet, stage_.hub.get(), &done);
                   }));
  RETURN_IF_ERROR(stage_.hub->Stop());
  for (const FaultDone& one : done) tally_.Add(one, outcome.logs);
  report_.Say(step.name + ": " + std::to_string(done.size()) + " faults, " +
              std::to_string(outcome.commits.acked) + " changes acked in " +
              OneDecimal(outcome.seconds) + " s, " + std::to_string(outcome.resent) +
              " resent; lost " + std::to_string(outcome.commits.lost) + ", applied twice " +
              std::to_string(outcome.commits.applied_twice) + ", gaps " +
              std::to_string(outcome.resyncs) +
              "; still to do: " + std::to_string(tally_.missing().all()) + " faults");
  Judge(step, kind, outcome);
  std::error_code ignored;
  if (!report_.failed()) std::filesystem::remove_all(stage_.folder + "/" + step.name, ignored);
  return absl::OkStatus();
}

void Campaign::Judge(const StepPlan& plan, RoundKind kind, const StepOutcome& outcome) {
  report_.AddStep(plan, outcome, /*nodes_die=*/kind != RoundKind::kHub);
  report_.Add("lost", outcome.commits.lost);
  report_.Add("resent", outcome.resent);
  DemandNone(outcome.resyncs, "gaps_seen", plan.name + ": gaps in the versions of copies");
  DemandNone(outcome.forwards.stray, "forwarded_to_uninterested",
             plan.name + ": forwards to nodes that had not asked");
  std::string first;
  const size_t errors = CountLoggedErrors(stage_.hub->log_path(), &first);
  DemandNone(errors, "errors_of_the_hub", plan.name + ": errors in the hub's log: " + first);
}

void Campaign::DemandNone(uint64_t count, const std::string& key, const std::string& what) {
  report_.Add(key, count);
  if (count > 0) report_.Fail(what + ": " + std::to_string(count));
}

absl::StatusOr<std::string> MakeCampaignFolder() {
  std::error_code error;
  std::string folder = std::filesystem::temp_directory_path(error) / "sessionhub-kills.XXXXXX";
  if (error || mkdtemp(folder.data()) == nullptr) {
    return absl::UnavailableError("cannot make a temporary folder like " + folder);
  }
  return folder;
}

absl::Status RunAndReport(const CampaignOptions& options, Stage* stage, Report* report) {
  const int64_t begun_us = MonotonicMicros();
  Campaign campaign(options, stage, report);
  absl::Status status = campaign.Run();
  campaign.tally().Write(report);
  campaign.tally().Say(*report);
  report->Set("rounds", campaign.rounds());
  report->Set("seconds", static_cast<double>(MonotonicMicros() - begun_us) / 1e6);
  return status;
}

}  // namespace

absl::StatusOr<bool> RunCampaign(const CampaignOptions& options) {
  if (options.users < 3 * options.unacked_min) {
    return absl::InvalidArgumentError(
        "--users " + std::to_string(options.users) +
        " is below 3 * --unacked-min = " + std::to_string(3 * options.unacked_min) +
        ": so few users hardly ever have so many commits in flight; raise it");
  }
  signal(SIGPIPE, SIG_IGN);  // a killed node is found out by what write() answers
  Stage stage;
  Report report({"changes", "lost", "applied_twice", "gaps_seen", "inconsistent",
                 "copies_that_differ", "forwarded_to_uninterested", "errors_of_the_hub",
                 "hub_kills", "node_kills", "hub_stops", "node_stops"});
  stage.program = ProgramFolder() + "/sessionhub-bench";
  stage.users = options.users;
  stage.say = [&report](const std::string& line) { report.Say(line); };
  stage.deadline_us = MonotonicMicros() + static_cast<int64_t>(options.time_max_s * 1e6);
  ASSIGN_OR_RETURN(stage.folder, MakeCampaignFolder());
  const std::string hub =
      options.hub_program.empty() ? ProgramFolder() + "/sessionhubd" : options.hub_program;
  stage.hub = std::make_unique<HubProcess>(hub, stage.folder, HubOptions());
  report.Set("seed", options.seed);
  report.Say("sessionhub kills: " + std::to_string(options.hub_kills) + " of the hub, " +
             std::to_string(options.node_kills) + " of nodes, " + std::to_string(options.stops) +
             " stops of each, " + std::to_string(options.users) + " users at a time, seed " +
             std::to_string(options.seed) + "; everything is in " + stage.folder +
             ", which is removed at the end if all is well");
  const absl::Status status = RunAndReport(options, &stage, &report);
  if (!status.ok()) report.Fail("the run itself: " + status.ToString());
  stage.hub.reset();
  if (!options.json_path.empty()) RETURN_IF_ERROR(report.WriteJson(options.json_path));
  if (report.failed()) {
    report.Say("FAILED; seed " + std::to_string(options.seed) +
               "; logs, data and sessions are kept in " + stage.folder);
    return false;
  }
  std::error_code ignored;
  std::filesystem::remove_all(stage.folder, ignored);
  report.Say("OK: " + std::to_string(report.Count("changes")) +
             " changes acked, none lost, none applied twice, no gaps");
  return true;
}

}  // namespace sessionhub::bench
