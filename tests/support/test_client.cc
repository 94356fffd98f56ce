#include "tests/support/test_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/support/wait_for.h"

namespace sessionhub::testing {

ClientOptions QuickOptions(const std::string& endpoint, const std::string& node_name) {
  ClientOptions options;
  options.endpoints = {endpoint};
  options.app = kApp;
  options.node_name = node_name;
  options.backoff_min = std::chrono::milliseconds(2);
  options.backoff_max = std::chrono::milliseconds(50);
  return options;
}

Client ConnectTo(const std::string& endpoint, const std::string& node_name) {
  return Client::Connect(QuickOptions(endpoint, node_name)).value();
}

absl::StatusOr<Session> OpenOrCreate(Client& client, const std::string& id) {
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.timeout = kPatience;
  return client.Open(id, options);
}

int64_t IntegerAt(const Session& session, const std::string& path) {
  const absl::StatusOr<View> view = session.Read();
  if (!view.ok()) return 0;
  const Value* value = view->Get(path);
  return value == nullptr ? 0 : value->AsInt().value_or(0);
}

Committed Apply(Edit edit) {
  return std::move(edit).Commit(Ack::kDurable, kPatience);
}

void Outcomes::Increment(const Session& session, const std::string& path) {
  ++counts_->submitted;
  Edit edit = session.Begin();
  edit.Increment(path);
  std::move(edit).Commit(Ack::kDurable, [counts = counts_](const Committed& done) {
    // One callback at a time: the client's own thread runs them.
    if (done.applied()) counts->version = std::max(counts->version.load(), done.version);
    ++(done.applied() ? counts->applied : counts->failed);
  });
}

}  // namespace sessionhub::testing
