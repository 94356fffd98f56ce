#include "bench/report/crowd_nodes.h"

#include <thread>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr double kQuietCpuS = 0.05;
constexpr std::chrono::seconds kQuietLook{1};
constexpr int kQuietLooksMax = 300;

}  // namespace

absl::StatusOr<Workers> StartGenerators(const Scene& scene, const std::string& prefix,
                                        size_t count) {
  Workers nodes;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(nodes.emplace_back(), scene.StartGenerator(prefix + "-" + std::to_string(i)));
  }
  RETURN_IF_ERROR(AskAll(nodes, {{"do", "attach"}}, kAskMax).status());
  return nodes;
}

absl::Status SendShares(const Workers& nodes, json command, uint64_t first, uint64_t count) {
  const uint64_t share = count / nodes.size();
  for (size_t i = 0; i < nodes.size(); ++i) {
    command["first"] = first + i * share;
    command["count"] = share;
    command["seed"] = i + 1;
    RETURN_IF_ERROR(nodes[i]->Send(command));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<json>> AwaitAll(const Workers& nodes,
                                           std::chrono::milliseconds timeout) {
  std::vector<json> answers;
  for (const auto& node : nodes) {
    ASSIGN_OR_RETURN(answers.emplace_back(), node->Await(timeout));
  }
  return answers;
}

absl::StatusOr<Served> SumServed(const std::vector<json>& answers, double seconds) {
  Served served;
  for (const json& answer : answers) {
    if (answer.value("failed", uint64_t{0}) > 0) {
      return absl::InternalError("not served: " + answer.value("first_error", std::string()));
    }
    served.with_warm_up += answer["all"].get<uint64_t>();
    served.latency.Merge(LatencyHistogram::FromJson(answer["latency"]));
  }
  if (served.latency.count() == 0) return absl::InternalError("nothing was served");
  served.per_s = static_cast<double>(served.latency.count()) / seconds;
  return served;
}

absl::Status AwaitQuiet(pid_t pid) {
  for (int look = 0; look < kQuietLooksMax; ++look) {
    ASSIGN_OR_RETURN(const Gauge before, ReadGauge(pid));
    std::this_thread::sleep_for(kQuietLook);
    ASSIGN_OR_RETURN(const Gauge after, ReadGauge(pid));
    if (after.cpu_s - before.cpu_s < kQuietCpuS) return absl::OkStatus();
  }
  return absl::DeadlineExceededError("process " + std::to_string(pid) + " is busy for " +
                                     std::to_string(kQuietLooksMax) + " s");
}

}  // namespace sessionhub::bench
