// Scene: a hub with an empty data folder and the workers of one measure, and what all measures ask
// of them. Everything ends with it.
#ifndef BENCH_OVERLOAD_SCENE_H_
#define BENCH_OVERLOAD_SCENE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/commit_log.h"
#include "bench/demo/hub_process.h"
#include "bench/overload/findings.h"
#include "bench/overload/gauge.h"
#include "bench/overload/overload.h"
#include "bench/overload/worker.h"

namespace sessionhub::bench {

// The bound of everything that is asked of a worker besides its loop of commits.
inline constexpr std::chrono::milliseconds kAskMax{180'000};

class Scene {
 public:
  // Below `folder`, which exists. `options` and `findings` outlive the scene.
  Scene(const OverloadOptions& options, std::string folder, Findings* findings);

  const OverloadOptions& options() const { return options_; }
  Findings& findings() const { return findings_; }
  HubProcess& hub() const { return *hub_; }

  // Further options of the hub's command line; before it starts.
  absl::Status StartHub(const std::vector<std::string>& options = {});
  // In good order; its log must hold no error.
  absl::Status StopHub();

  // Another hub on the same data folder, on another port; the first must not run meanwhile.
  HubProcess AnotherHub() const { return HubProcess(hub_program_, folder_); }

  // A worker with so many nodes, none of which has connected yet.
  absl::StatusOr<std::unique_ptr<Worker>> StartWorker(const std::string& prefix, size_t nodes,
                                                      std::vector<std::string> options = {},
                                                      const std::string& endpoint = "") const;
  // The process of one node of bench/load/generator_process.h, which has not connected yet.
  absl::StatusOr<std::unique_ptr<Worker>> StartGenerator(const std::string& name) const {
    return StartHelper("load-node", name);
  }
  // A process of this program, by its hidden command.
  absl::StatusOr<std::unique_ptr<Worker>> StartHelper(const std::string& command,
                                                      const std::string& prefix) const;
  // As many workers as keep each below so many nodes; all are attached.
  absl::StatusOr<Workers> StartNodes(const std::string& prefix, size_t nodes,
                                     size_t nodes_of_worker_max,
                                     const std::vector<std::string>& options = {}) const;

  absl::StatusOr<Gauge> HubGauge() const { return ReadGauge(hub_->pid()); }

  // A fresh node reads these sessions: {ID: {"version": V, "fields": {PATH: VALUE}}}.
  absl::StatusOr<nlohmann::json> ReadSessions(const std::vector<std::string>& ids);

  // Compares what all loops of the workers were acked with the sessions as a fresh node reads them,
  // and tells violations: each commit is one more of `all` and of `n/NODE`, and of the version.
  absl::Status CheckTotals(const Workers& workers);

 private:
  const OverloadOptions& options_;
  const std::string folder_;
  const std::string program_;
  const std::string hub_program_;
  Findings& findings_;
  std::unique_ptr<HubProcess> hub_;
  size_t readers_ = 0;
};

// Sum of what loops were acked. Tells a violation if one was not applied.
uint64_t SumAcked(const std::vector<nlohmann::json>& answers, Findings* findings);
// All latencies of such answers.
std::vector<double> LatenciesMs(const std::vector<nlohmann::json>& answers);
nlohmann::ordered_json DescribeMs(const std::vector<double>& ms);

// How long the answer to a loop of so many seconds may take.
std::chrono::milliseconds LoopMax(double seconds);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_SCENE_H_
