#include "bench/load/generator_process.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "bench/load/crowd.h"
#include "bench/load/generator.h"
#include "bench/overload/commands.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr size_t kOpensAtOnceMax = 5'000;

Ack AckNamed(const std::string& name) {
  if (name == "received") return Ack::kReceived;
  return name == "delivered" ? Ack::kDelivered : Ack::kDurable;
}

json DescribeCounts(const GeneratorCounts& counts) {
  return {{"latency", counts.latency.ToJson()},
          {"all", counts.all},
          {"failed", counts.failed},
          {"first_error", counts.first_error}};
}

CrowdRange RangeOf(const json& command) {
  return {command.value("prefix", ""), command.value("first", uint64_t{0}),
          std::max<uint64_t>(1, command.value("count", uint64_t{1}))};
}

class GeneratorNode {
 public:
  explicit GeneratorNode(const GeneratorProcessOptions& options) : options_(options) {}

  absl::StatusOr<json> Do(const json& command) {
    const std::string what = command.value("do", "");
    if (what == "attach") return Attach();
    if (!client_) return absl::FailedPreconditionError("attach first");
    if (what == "open") return Open(command);
    if (what == "fill") return Fill(command);
    if (what == "run") return RunOrder(command);
    if (what == "populate") return Populate(command);
    if (what == "serve") return Serve(command);
    if (what == "count") return CountAll();
    if (what == "settle") return Settle(command);
    if (what == "versions") return Versions();
    return absl::InvalidArgumentError("no such command");
  }

 private:
  absl::StatusOr<json> Attach();
  absl::StatusOr<json> Open(const json& command);
  absl::StatusOr<json> Fill(const json& command);
  absl::StatusOr<json> RunOrder(const json& command);
  absl::StatusOr<json> Populate(const json& command);
  absl::StatusOr<json> Serve(const json& command);
  absl::StatusOr<json> CountAll();
  absl::StatusOr<json> Settle(const json& command);
  absl::StatusOr<json> Versions();
  absl::Status OpenSome(const std::vector<std::string>& ids, Create create,
                        std::vector<Session>* sessions);

  const GeneratorProcessOptions options_;
  std::optional<Client> client_;
  std::vector<Session> written_, read_;
};

absl::StatusOr<json> GeneratorNode::Attach() {
  ClientOptions options;
  options.endpoints = {options_.endpoint};
  options.app = options_.app;
  options.node_name = options_.name;
  options.pending_bytes_max = 256u << 20;
  options.near_cache_bytes_max = 1u << 30;
  options.log_sink = LogWarnings;
  if (!options_.tls_ca.empty()) options.tls = TlsOptions{.ca_file = options_.tls_ca};
  ASSIGN_OR_RETURN(client_, Client::Connect(std::move(options)));
  if (!WaitUntil([this] { return client_->attached(); })) return Late("the node is not attached");
  return json::object();
}

absl::Status GeneratorNode::OpenSome(const std::vector<std::string>& ids, Create create,
                                     std::vector<Session>* sessions) {
  OpenOptions options;
  options.create = create;
  options.timeout = kWorkerPatience;
  for (size_t begin = 0; begin < ids.size(); begin += kOpensAtOnceMax) {
    const size_t end = std::min(ids.size(), begin + kOpensAtOnceMax);
    const std::vector<std::string> some(ids.begin() + static_cast<ptrdiff_t>(begin),
                                        ids.begin() + static_cast<ptrdiff_t>(end));
    for (absl::StatusOr<Session>& session : client_->OpenAll(some, options)) {
      RETURN_IF_ERROR(session.status());
      sessions->push_back(*std::move(session));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<json> GeneratorNode::Open(const json& command) {
  const auto ids = [&command](const char* key) {
    return command.value(key, std::vector<std::string>());
  };
  RETURN_IF_ERROR(OpenSome(ids("written"), Create::kIfMissing, &written_));
  RETURN_IF_ERROR(OpenSome(ids("read"), Create::kIfMissing, &read_));
  return json::object();
}

absl::StatusOr<json> GeneratorNode::Fill(const json& command) {
  const auto fields = command.value("fields", size_t{1});
  const bool is_random = command.value("random", false);
  std::string value(command.value("bytes", size_t{0}) / fields, 'c');
  std::mt19937_64 random(std::hash<std::string>()(options_.name));  // no node's are another's
  for (const Session& session : written_) {
    Edit edit = session.Begin();
    for (size_t i = 0; i < fields; ++i) {
      if (is_random) value = RandomText(value.size(), &random);
      edit.Set("f/" + std::to_string(i), value);
    }
    const Committed committed = std::move(edit).Commit(Ack::kDurable, kWorkerPatience);
    if (!committed.applied()) return committed.status;
  }
  return json::object();
}

absl::StatusOr<json> GeneratorNode::RunOrder(const json& command) {
  if (written_.empty()) return absl::FailedPreconditionError("open a session to write first");
  GeneratorOrder order;
  order.per_s = command.value("per_s", 0.0);
  order.in_flight_max = command.value("in_flight_max", size_t{1});
  order.session_fields = command.value("session_fields", size_t{1});
  order.fields = command.value("fields", size_t{1});
  order.value_bytes = command.value("value_bytes", size_t{16});
  order.ack = AckNamed(command.value("ack", "durable"));
  order.warm_up_s = command.value("warm_up_s", 0.0);
  order.seconds = command.value("seconds", 1.0);
  order.delay_s = command.value("delay_s", 0.0);
  ASSIGN_OR_RETURN(const GeneratorCounts counts, Generator(written_, order).Run());
  return DescribeCounts(counts);
}

absl::StatusOr<json> GeneratorNode::Populate(const json& command) {
  CrowdFill fill;
  fill.range = RangeOf(command);
  fill.fields = command.value("fields", size_t{1});
  fill.value_bytes = command.value("value_bytes", size_t{16});
  fill.fields_of_commit = std::max<size_t>(1, command.value("fields_of_commit", fill.fields));
  fill.sessions_at_once = std::max<size_t>(1, command.value("at_once", size_t{1'000}));
  RETURN_IF_ERROR(FillCrowd(&*client_, fill));
  return json::object();
}

absl::StatusOr<json> GeneratorNode::Serve(const json& command) {
  CrowdRequests requests;
  requests.range = RangeOf(command);
  requests.in_turn = command.value("in_turn", false);
  requests.change = command.value("change", true);
  requests.fields = std::max<size_t>(1, command.value("fields", size_t{1}));
  requests.value_bytes = command.value("value_bytes", size_t{16});
  requests.threads =
      std::clamp<size_t>(command.value("threads", size_t{1}), 1, requests.range.count);
  requests.warm_up_s = command.value("warm_up_s", 0.0);
  requests.seconds = command.value("seconds", 1.0);
  requests.seed = command.value("seed", uint64_t{1});
  return DescribeCounts(ServeCrowd(&*client_, requests));
}

absl::StatusOr<json> GeneratorNode::CountAll() {
  ASSIGN_OR_RETURN(const uint64_t sessions, client_->CountSessions("", kWorkerPatience));
  return json{{"sessions", sessions}};
}

absl::StatusOr<json> GeneratorNode::Versions() {
  json versions = json::object();
  for (const Session& session : written_) {
    ASSIGN_OR_RETURN(const View view, session.Read({.allow_stale = true}));
    versions[session.id()] = view.version();
  }
  return json{{"versions", std::move(versions)}};
}

absl::StatusOr<json> GeneratorNode::Settle(const json& command) {
  const json wanted = command.value("versions", json::object());
  const bool settled = WaitUntil([&] {
    for (const Session& session : read_) {
      const auto view = session.Read({.allow_stale = true});
      if (!view.ok() || view->version() < wanted.value(session.id(), uint64_t{0})) return false;
    }
    return true;
  });
  if (!settled) return Late("not all copies have come up");
  return json::object();
}

}  // namespace

absl::Status RunGeneratorProcess(const GeneratorProcessOptions& options) {
  GeneratorNode node(options);
  return AnswerCommands([&node](const json& command) { return node.Do(command); });
}

}  // namespace sessionhub::bench
