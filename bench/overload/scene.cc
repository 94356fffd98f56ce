#include "bench/overload/scene.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bench/demo/figures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr char kApp[] = "overload";

}  // namespace

Scene::Scene(const OverloadOptions& options, std::string folder, Findings* findings)
    : options_(options),
      folder_(std::move(folder)),
      program_(ProgramFolder() + "/sessionhub-bench"),
      hub_program_(options.hub_program.empty() ? ProgramFolder() + "/sessionhubd"
                                               : options.hub_program),
      findings_(*findings) {
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
}

absl::Status Scene::StartHub(const std::vector<std::string>& options) {
  hub_ = std::make_unique<HubProcess>(hub_program_, folder_, options);
  return hub_->Start();
}

absl::Status Scene::StopHub() {
  RETURN_IF_ERROR(hub_->Stop());
  std::string first;
  const size_t errors = CountLoggedErrors(hub_->log_path(), &first);
  findings_.DemandNone(errors, "errors in the hub's log: " + first);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Worker>> Scene::StartWorker(const std::string& prefix, size_t nodes,
                                                           std::vector<std::string> options,
                                                           const std::string& endpoint) const {
  return Worker::Start({.program = program_,
                        .folder = folder_,
                        .endpoint = endpoint.empty() ? hub_->endpoint() : endpoint,
                        .app = kApp,
                        .prefix = prefix,
                        .nodes = nodes,
                        .options = std::move(options)});
}

absl::StatusOr<std::unique_ptr<Worker>> Scene::StartHelper(const std::string& command,
                                                           const std::string& prefix) const {
  return Worker::Start({.program = program_,
                        .folder = folder_,
                        .endpoint = hub_->endpoint(),
                        .app = kApp,
                        .prefix = prefix,
                        .command = command});
}

absl::StatusOr<Workers> Scene::StartNodes(const std::string& prefix, size_t nodes,
                                          size_t nodes_of_worker_max,
                                          const std::vector<std::string>& options) const {
  Workers workers;
  for (size_t left = nodes; left > 0;) {
    const size_t some = std::min(left, nodes_of_worker_max);
    ASSIGN_OR_RETURN(workers.emplace_back(),
                     StartWorker(prefix + std::to_string(workers.size() + 1), some, options));
    left -= some;
  }
  RETURN_IF_ERROR(AskAll(workers, {{"do", "attach"}}, kAskMax).status());
  return workers;
}

absl::StatusOr<json> Scene::ReadSessions(const std::vector<std::string>& ids) {
  ASSIGN_OR_RETURN(const auto reader, StartWorker("auditor-" + std::to_string(++readers_), 1));
  RETURN_IF_ERROR(reader->Ask({{"do", "attach"}}, kAskMax).status());
  RETURN_IF_ERROR(reader->Ask({{"do", "open"}, {"ids", ids}, {"create", false}}, kAskMax).status());
  ASSIGN_OR_RETURN(json answer, reader->Ask({{"do", "copies"}, {"fields", true}}, kAskMax));
  RETURN_IF_ERROR(reader->Stop());
  return std::move(answer["copies"][0]);
}

absl::Status Scene::CheckTotals(const Workers& workers) {
  std::map<std::string, std::map<std::string, uint64_t>> acked;  // by session, by node
  ASSIGN_OR_RETURN(const std::vector<json> answers, AskAll(workers, {{"do", "acked"}}, kAskMax));
  for (const json& answer : answers) {
    for (const auto& [id, nodes] : answer["acked"].items()) {
      for (const auto& [node, count] : nodes.items()) acked[id][node] += count.get<uint64_t>();
    }
  }
  std::vector<std::string> ids;
  for (const auto& [id, nodes] : acked) ids.push_back(id);
  ASSIGN_OR_RETURN(const json sessions, ReadSessions(ids));
  uint64_t wrong_fields = 0, wrong_versions = 0, commits = 0;
  for (const auto& [id, nodes] : acked) {
    const json fields = sessions.at(id).value("fields", json::object());
    uint64_t all = 0;
    for (const auto& [node, count] : nodes) {
      all += count;
      if (fields.value("n/" + node, uint64_t{0}) != count) ++wrong_fields;
    }
    if (fields.value("all", uint64_t{0}) != all) ++wrong_fields;
    // Its creation is version 1.
    if (sessions.at(id).value("version", uint64_t{0}) != all + 1) ++wrong_versions;
    commits += all;
  }
  findings_.DemandNone(wrong_fields, "totals that differ from the commits that were acked");
  findings_.DemandNone(wrong_versions, "versions that are not 1 + the commits that were acked");
  findings_.Figure("commits_checked", commits);
  findings_.Say("  checked: " + std::to_string(commits) + " acked commits in " +
                std::to_string(ids.size()) + " sessions");
  return absl::OkStatus();
}

uint64_t SumAcked(const std::vector<json>& answers, Findings* findings) {
  uint64_t sum = 0;
  for (const json& answer : answers) {
    for (const json& of_node : answer["acked"]) sum += of_node.get<uint64_t>();
    findings->DemandNone(answer["not_applied"].get<uint64_t>(),
                         "commits not applied: " + answer["first_error"].get<std::string>());
  }
  return sum;
}

std::vector<double> LatenciesMs(const std::vector<json>& answers) {
  std::vector<double> all;
  for (const json& answer : answers) {
    for (const json& ms : answer["latency_ms"]) all.push_back(ms.get<double>());
  }
  return all;
}

nlohmann::ordered_json DescribeMs(const std::vector<double>& ms) {
  return {{"p50", Percentile(ms, 50)}, {"p99", Percentile(ms, 99)}, {"max", Percentile(ms, 100)}};
}

milliseconds LoopMax(double seconds) {
  return kAskMax + milliseconds(static_cast<int64_t>(seconds * 1000));
}

}  // namespace sessionhub::bench
