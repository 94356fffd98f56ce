#include "bench/overload/load_worker.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "bench/demo/carts_writer.h"
#include "bench/demo/commit_log.h"
#include "bench/overload/commands.h"
#include "bench/overload/hub_status.h"
#include "bench/overload/load_node.h"
#include "bench/overload/raw_reader.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

json FieldsOf(const View& view) {
  json fields = json::object();
  view.ForEach("",
               [&](const std::string& path, const Value& value) { fields[path] = ToJson(value); });
  return fields;
}

class LoadWorker {
 public:
  explicit LoadWorker(const LoadWorkerOptions& options) : options_(options) {}

  absl::StatusOr<json> Do(const json& command) {
    const auto it = kCommands.find(command.value("do", ""));
    if (it == kCommands.end()) return absl::InvalidArgumentError("no such command");
    return (this->*it->second)(command);
  }

 private:
  using Command = absl::StatusOr<json> (LoadWorker::*)(const json&);
  static const std::map<std::string, Command> kCommands;

  absl::StatusOr<json> Attach(const json& command);
  absl::StatusOr<json> Open(const json& command);
  absl::StatusOr<json> Watch(const json& command);
  absl::StatusOr<json> Write(const json& command);
  absl::StatusOr<json> Acked(const json& command);
  absl::StatusOr<json> Copies(const json& command);
  absl::StatusOr<json> Settle(const json& command);
  absl::StatusOr<json> HeardBy(const json& command);
  absl::StatusOr<json> Stale(const json& command);
  absl::StatusOr<json> Resumed(const json& command);
  absl::StatusOr<json> Status(const json& command);
  absl::StatusOr<json> Raw(const json& command);
  absl::StatusOr<json> Pause(const json& command);
  absl::StatusOr<json> RawCopies(const json& command);

  absl::Status Begin(const json& command, size_t nodes);

  const LoadWorkerOptions options_;
  std::vector<std::unique_ptr<LoadNode>> nodes_;
  std::unique_ptr<RawReader> raw_;
};

const std::map<std::string, LoadWorker::Command> LoadWorker::kCommands = {
    {"attach", &LoadWorker::Attach}, {"open", &LoadWorker::Open},
    {"watch", &LoadWorker::Watch},   {"write", &LoadWorker::Write},
    {"acked", &LoadWorker::Acked},   {"copies", &LoadWorker::Copies},
    {"settle", &LoadWorker::Settle}, {"heard", &LoadWorker::HeardBy},
    {"stale", &LoadWorker::Stale},   {"resumed", &LoadWorker::Resumed},
    {"status", &LoadWorker::Status}, {"raw", &LoadWorker::Raw},
    {"pause", &LoadWorker::Pause},   {"raw_copies", &LoadWorker::RawCopies}};

absl::StatusOr<json> LoadWorker::Attach(const json&) {
  const int64_t begun_us = MonotonicMicros();
  for (size_t i = nodes_.size(); i < options_.nodes; ++i) {
    ClientOptions options;
    options.endpoints = {options_.endpoint};
    options.app = options_.app;
    options.node_name = options_.prefix + "-" + std::to_string(i + 1);
    options.stale_max = milliseconds(options_.stale_max_ms);
    options.pending_bytes_max = options_.pending_bytes_max;
    options.log_sink = LogWarnings;
    ASSIGN_OR_RETURN(nodes_.emplace_back(), LoadNode::Connect(std::move(options)));
  }
  const bool attached = WaitUntil([this] {
    return std::all_of(nodes_.begin(), nodes_.end(),
                       [](const auto& node) { return node->attached(); });
  });
  if (!attached) return Late("not all nodes are attached");
  return json{{"seconds", static_cast<double>(MonotonicMicros() - begun_us) / 1e6}};
}

absl::StatusOr<json> LoadWorker::Open(const json& command) {
  const auto own = command.value("own", size_t{0});
  const auto each = command.value("each", size_t{0});
  auto next = command.value("first", uint64_t{0});
  for (const auto& node : nodes_) {
    auto ids = command.value("ids", std::vector<std::string>());
    for (size_t i = 1; i <= own; ++i) ids.push_back(node->name() + "-" + std::to_string(i));
    for (size_t i = 0; i < each; ++i) {
      ids.push_back(command.value("prefix", "") + std::to_string(next++));
    }
    const Create create = command.value("create", true) ? Create::kIfMissing : Create::kNever;
    RETURN_IF_ERROR(node->Open(ids, create, kWorkerPatience));
  }
  return json::object();
}

absl::StatusOr<json> LoadWorker::Watch(const json&) {
  for (const auto& node : nodes_) RETURN_IF_ERROR(node->Watch());
  return json::object();
}

absl::Status LoadWorker::Begin(const json& command, size_t nodes) {
  WriteOrder order;
  order.in_flight = command.value("in_flight", size_t{1});
  order.value_bytes = command.value("value_bytes", size_t{0});
  order.operations = command.value("operations", size_t{0});
  order.commits_max = command.value("commits", uint64_t{0});
  for (size_t i = 0; i < nodes; ++i) nodes_[i]->Begin(order);
  if (order.commits_max > 0) return absl::OkStatus();
  // For as long as was asked, which nothing but time decides.
  std::this_thread::sleep_for(std::chrono::duration<double>(command.value("seconds", 1.0)));
  for (size_t i = 0; i < nodes; ++i) nodes_[i]->End();
  return absl::OkStatus();
}

absl::StatusOr<json> LoadWorker::Write(const json& command) {
  const size_t nodes = std::min(nodes_.size(), command.value("nodes", nodes_.size()));
  const int64_t begun_us = MonotonicMicros();
  RETURN_IF_ERROR(Begin(command, nodes));
  const bool quiet = WaitUntil([&] {
    return std::all_of(nodes_.begin(), nodes_.begin() + static_cast<ptrdiff_t>(nodes),
                       [](const auto& node) { return node->Quiet(); });
  });
  if (!quiet) return Late("not all commits were answered");
  json answer = {{"acked", json::array()}, {"not_applied", 0}, {"first_error", ""}};
  std::vector<double> latency_ms;
  std::vector<uint64_t> per_second;
  for (size_t i = 0; i < nodes; ++i) {
    WriteCounts counts = nodes_[i]->TakeCounts();
    answer["acked"].push_back(counts.acked);
    answer["not_applied"] = answer["not_applied"].get<uint64_t>() + counts.not_applied;
    if (!counts.first_error.empty()) answer["first_error"] = counts.first_error;
    latency_ms.insert(latency_ms.end(), counts.latency_ms.begin(), counts.latency_ms.end());
    per_second.resize(std::max(per_second.size(), counts.per_second.size()));
    for (size_t s = 0; s < counts.per_second.size(); ++s) per_second[s] += counts.per_second[s];
  }
  answer["latency_ms"] = std::move(latency_ms);
  answer["per_second"] = std::move(per_second);
  answer["seconds"] = static_cast<double>(MonotonicMicros() - begun_us) / 1e6;
  return answer;
}

absl::StatusOr<json> LoadWorker::Acked(const json&) {
  json by_session = json::object();
  for (const auto& node : nodes_) {
    const std::vector<uint64_t> acked = node->Acked();
    for (size_t i = 0; i < acked.size(); ++i) {
      if (acked[i] > 0) by_session[node->ids()[i]][node->name()] = acked[i];
    }
  }
  return json{{"acked", std::move(by_session)}};
}

absl::StatusOr<json> LoadWorker::Copies(const json& command) {
  json copies = json::array();
  for (const auto& node : nodes_) {
    json of_node = json::object();
    for (size_t i = 0; i < node->ids().size(); ++i) {
      ASSIGN_OR_RETURN(const View view, node->session(i).Read({.allow_stale = true}));
      json& copy = of_node[node->ids()[i]];
      copy["version"] = view.version();
      json fields = FieldsOf(view);
      if (command.value("fields", false)) {
        copy["fields"] = std::move(fields);
      } else {
        copy["digest"] = std::hash<std::string>()(fields.dump());
      }
    }
    copies.push_back(std::move(of_node));
  }
  return json{{"copies", std::move(copies)}};
}

absl::StatusOr<json> LoadWorker::Settle(const json& command) {
  const auto versions = command.value("versions", std::map<std::string, uint64_t>());
  const auto settled = [&](const LoadNode& node) {
    for (size_t i = 0; i < node.ids().size(); ++i) {
      const auto version = versions.find(node.ids()[i]);
      if (version == versions.end()) continue;
      const absl::StatusOr<View> view = node.session(i).Read({.allow_stale = true});
      if (!view.ok() || view->version() < version->second) return false;
    }
    return true;
  };
  const bool all = WaitUntil([&] {
    return std::all_of(nodes_.begin(), nodes_.end(),
                       [&](const auto& node) { return settled(*node); });
  });
  return all ? absl::StatusOr<json>(json::object()) : Late("not all copies came up to the hub's");
}

absl::StatusOr<json> LoadWorker::HeardBy(const json& command) {
  const auto first = command.value("first", uint64_t{0});
  const auto last = command.value("last", uint64_t{0});
  const auto look = [&] {
    HeardFindings sum;
    for (const auto& node : nodes_) {
      const HeardFindings one = CheckHeard(node->HeardOf(0), first, last);
      sum.out_of_order += one.out_of_order;
      sum.twice += one.twice;
      sum.missing += one.missing;
    }
    return sum;
  };
  // What has reached a copy may still wait for the callback.
  WaitUntil([&] { return look().missing == 0; });
  const HeardFindings sum = look();
  json acked = json::array();
  uint64_t steps = 0;
  for (const auto& node : nodes_) {
    const Heard heard = node->HeardOf(0);
    acked.push_back(heard.acked);
    steps += static_cast<uint64_t>(
        std::count_if(heard.changed.begin(), heard.changed.end(),
                      [](const Heard::Step& step) { return step.to > step.from + 1; }));
  }
  return json{{"out_of_order", sum.out_of_order},
              {"twice", sum.twice},
              {"missing", sum.missing},
              {"steps_over_several", steps},
              {"acked", std::move(acked)}};
}

absl::StatusOr<json> LoadWorker::Stale(const json&) {
  const bool stale = WaitUntil([this] {
    return std::none_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
      for (size_t i = 0; i < node->ids().size(); ++i) {
        if (node->session(i).Read().ok()) return true;
      }
      return false;
    });
  });
  return stale ? absl::StatusOr<json>(json::object()) : Late("some copies are still read");
}

// Each node's sessions are looked at in turn, and one that was seen back is not looked at again.
absl::StatusOr<json> LoadWorker::Resumed(const json&) {
  std::vector<size_t> back(nodes_.size());
  std::vector<int64_t> at_us(nodes_.size());
  const bool all = WaitUntil([&] {
    bool done = true;
    for (size_t n = 0; n < nodes_.size(); ++n) {
      if (at_us[n] != 0) continue;
      const LoadNode& node = *nodes_[n];
      while (back[n] < node.ids().size() && node.session(back[n]).Read().ok()) ++back[n];
      if (back[n] == node.ids().size()) at_us[n] = MonotonicMicros();
      done = done && at_us[n] != 0;
    }
    return done;
  });
  if (!all) return Late("not all sessions were resumed");
  return json{{"at_us", at_us}};
}

absl::StatusOr<json> LoadWorker::Status(const json&) {
  return ReadHubStatus(options_.endpoint);
}

absl::StatusOr<json> LoadWorker::Raw(const json& command) {
  raw_ = std::make_unique<RawReader>(options_.endpoint, options_.app, options_.prefix);
  RETURN_IF_ERROR(raw_->Open(command.value("ids", std::vector<std::string>()), kWorkerPatience));
  return json::object();
}

absl::StatusOr<json> LoadWorker::Pause(const json& command) {
  if (!raw_) return absl::FailedPreconditionError("there is no raw reader");
  raw_->Pause(command.value("pause", true));
  return json::object();
}

absl::StatusOr<json> LoadWorker::RawCopies(const json&) {
  if (!raw_) return absl::FailedPreconditionError("there is no raw reader");
  return json{{"versions", raw_->Versions()}, {"gaps", raw_->gaps()}, {"ended", raw_->ended()}};
}

}  // namespace

absl::Status RunLoadWorker(const LoadWorkerOptions& options) {
  LoadWorker worker(options);
  return AnswerCommands([&worker](const json& command) { return worker.Do(command); });
}

}  // namespace sessionhub::bench
