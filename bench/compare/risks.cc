#include "bench/compare/risks.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "bench/compare/cluster.h"
#include "bench/compare/risk_site.h"
#include "bench/demo/commit_log.h"
#include "bench/demo/figures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kNodes = 2;

double SecondsSince(int64_t begin_us) {
  return static_cast<double>(MonotonicMicros() - begin_us) / 1e6;
}

// A strategy in service for some trials.
struct RiskCluster {
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<RiskSite> site;
};

class RiskMeasure {
 public:
  RiskMeasure(const ComparedStrategy& strategy, const RiskPlan& plan, TestBed* bed,
              const std::string& folder, const RiskTeller& tell)
      : strategy_(strategy), plan_(plan), bed_(*bed), folder_(folder), tell_(tell) {}

  absl::StatusOr<RiskFigures> Run();

 private:
  absl::StatusOr<RiskCluster> Start(size_t nodes) const;
  absl::Status RunOnPair();
  absl::Status RunOnMany();
  // Runs a trial, and puts down and tells its figures, or why there are none. Cancelled if it is.
  template <typename Figures, typename Trial>
  absl::Status Try(const std::string& trial, std::optional<Figures>* figures, const Trial& run);

  const ComparedStrategy& strategy_;
  const RiskPlan& plan_;
  TestBed& bed_;
  const std::string folder_;
  const RiskTeller& tell_;
  RiskFigures figures_;
};

absl::StatusOr<RiskCluster> RiskMeasure::Start(size_t nodes) const {
  const ClusterOptions options = {.nodes = nodes,
                                  .round_robin = strategy_.round_robin,
                                  .folder = folder_ + "/" + std::to_string(nodes)};
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  RiskCluster made;
  made.cluster = strategy_.make(&bed_, options);
  RETURN_IF_ERROR(made.cluster->Start());
  ASSIGN_OR_RETURN(made.site, RiskSite::Make(&bed_, made.cluster.get(), options));
  return made;
}

template <typename Figures, typename Trial>
absl::Status RiskMeasure::Try(const std::string& trial, std::optional<Figures>* figures,
                              const Trial& run) {
  const int64_t begin_us = MonotonicMicros();
  const absl::StatusOr<std::optional<Figures>> tried = run();
  if (absl::IsCancelled(tried.status())) return tried.status();
  std::string found = "there is no server";
  if (absl::IsUnimplemented(tried.status())) {
    figures_.failed.push_back({trial, std::string(tried.status().message()), false});
    found = "not tried: " + figures_.failed.back().why;
  } else if (!tried.ok()) {
    figures_.failed.push_back({trial, tried.status().ToString()});
    found = "FAILED: " + figures_.failed.back().why;
  } else if (tried->has_value()) {
    *figures = **tried;
    found = Describe(**tried);
  }
  tell_(trial + " (" + OneDecimal(SecondsSince(begin_us)) + " s): " + found);
  return absl::OkStatus();
}

absl::Status RiskMeasure::RunOnPair() {
  ASSIGN_OR_RETURN(const RiskCluster pair, Start(kNodes));
  RiskSite* const site = pair.site.get();
  if (strategy_.round_robin) {
    RETURN_IF_ERROR(
        Try("concurrent", &figures_.concurrent, [&] { return TryConcurrentChanges(plan_, site); }));
  } else {
    figures_.failed.push_back({"concurrent", "a session is changed by one node only", false});
  }
  if (plan_.burst_nodes == kNodes) {
    RETURN_IF_ERROR(Try("burst", &figures_.burst, [&] { return TryBurst(plan_, site); }));
  }
  RETURN_IF_ERROR(Try("killed", &figures_.killed, [&] { return TryKills(plan_, site); }));
  RETURN_IF_ERROR(
      Try("reconnect", &figures_.reconnect, [&] { return TryReconnect(plan_, &bed_, site); }));
  RETURN_IF_ERROR(
      Try("nodes_restart", &figures_.nodes_restart, [&] { return TryNodesRestart(plan_, site); }));
  RETURN_IF_ERROR(Try("server_restart", &figures_.server_restart,
                      [&] { return TryServerRestart(plan_, site); }));
  // After a trial that has failed, what is left may not stop in good order; it ends all the same.
  return AnyFailed(figures_) ? absl::OkStatus() : pair.cluster->Stop();
}

absl::Status RiskMeasure::RunOnMany() {
  if (plan_.burst_nodes == kNodes) return absl::OkStatus();
  ASSIGN_OR_RETURN(const RiskCluster many, Start(std::min(plan_.burst_nodes, strategy_.nodes_max)));
  RETURN_IF_ERROR(Try("burst", &figures_.burst, [&] { return TryBurst(plan_, many.site.get()); }));
  return AnyFailed(figures_) ? absl::OkStatus() : many.cluster->Stop();
}

absl::StatusOr<RiskFigures> RiskMeasure::Run() {
  const int64_t begin_us = MonotonicMicros();
  figures_.strategy = strategy_.name;
  figures_.nodes = kNodes;
  figures_.round_robin = strategy_.round_robin;
  figures_.power_cut = strategy_.power_cut;
  figures_.command = "sessionhub-bench compare --only " + strategy_.name +
                     (plan_.quick ? " --quick --risks" : "") + " --no-cells --risk-trials " +
                     std::to_string(plan_.trials);
  RETURN_IF_ERROR(RunOnMany());
  RETURN_IF_ERROR(RunOnPair());
  figures_.seconds = SecondsSince(begin_us);
  return std::move(figures_);
}

}  // namespace

absl::StatusOr<RiskFigures> MeasureRisks(const ComparedStrategy& strategy, const RiskPlan& plan,
                                         TestBed* bed, const std::string& folder,
                                         const RiskTeller& tell) {
  return RiskMeasure(strategy, plan, bed, folder, tell).Run();
}

}  // namespace sessionhub::bench
