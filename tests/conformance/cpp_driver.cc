// The C++ client's driver for the conformance kit: proto/conformance/README.md says what it does.
#include <poll.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sessionhub/client.h"

namespace sessionhub {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using Json = nlohmann::json;

// Longer than the kit waits for anything.
constexpr auto kPatience = 60s;

std::string Argument(const Json& call, const std::string& name) {
  return call.value(name, std::string());
}

uint64_t Number(const Json& call, const std::string& name) {
  const std::string text = Argument(call, name);
  return text.empty() ? 0 : std::stoull(text);
}

std::chrono::milliseconds Milliseconds(const Json& call, const std::string& name) {
  return std::chrono::milliseconds(Number(call, name));
}

Json Failed(const absl::Status& status) {
  std::string name = absl::StatusCodeToString(status.code());
  return {{"outcome", "failed"}, {"error", name}};
}

Json Applied(const Committed& committed) {
  std::string missing;
  for (const std::string& node : committed.missing_nodes) {
    missing += (missing.empty() ? "" : " ") + node;
  }
  return {{"outcome", "applied"},
          {"version", std::to_string(committed.version)},
          {"delivered", committed.delivered ? "yes" : "no"},
          {"missing", missing}};
}

Json ResultOf(const Committed& committed) {
  switch (committed.kind) {
    case Committed::Kind::kApplied:
      return Applied(committed);
    case Committed::Kind::kRefused:
      return {{"outcome", "refused"}, {"error", absl::StatusCodeToString(committed.status.code())}};
    case Committed::Kind::kReceived:
      return {{"outcome", "received"}};
    case Committed::Kind::kUnknown:
      break;
  }
  return {{"outcome", "unknown"}};
}

std::string TextOf(const Value& value) {
  if (const auto* text = value.AsString()) return *text;
  if (const auto number = value.AsInt()) return std::to_string(*number);
  return value.DebugString();
}

std::string FieldsOf(const View& view) {
  std::string all;
  view.ForEach("", [&all](const std::string& path, const Value& value) {
    all += (all.empty() ? "" : " ") + path + "=" + TextOf(value);
  });
  return all;
}

Value ValueOf(const std::string& text) {
  const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  if (digits) return Value(static_cast<int64_t>(std::stoll(text)));
  return Value(text);
}

void AddOperation(const std::string& text, Edit* edit) {
  std::istringstream words(text);
  std::string operation;
  std::string path;
  std::string argument;
  words >> operation >> path >> argument;
  if (operation == "put") edit->Set(path, ValueOf(argument));
  if (operation == "increment") edit->Increment(path, std::stoll(argument));
  if (operation == "erase") edit->Erase(path);
  if (operation == "append") edit->Append(path, Value(argument));
}

void AddCondition(const std::string& text, Edit* edit) {
  std::istringstream words(text);
  std::string condition;
  std::string path;
  uint64_t version = 0;
  words >> condition >> path >> version;
  if (condition == "absent") edit->IfAbsent(path);
  if (condition == "unchanged") edit->IfUnchangedSince(path, version);
}

// The parts of a list, each given to `add`.
void ForEachPart(const std::string& list, Edit* edit, void (*add)(const std::string&, Edit*)) {
  std::istringstream parts(list);
  for (std::string one; std::getline(parts, one, ';');) add(one, edit);
}

void AddTerms(const Json& call, Edit* edit) {
  if (const uint64_t version = Number(call, "if_version")) edit->IfVersion(version);
  if (call.contains("after_previous")) edit->AfterPrevious();
  if (call.contains("owner")) edit->SetOwner(Argument(call, "owner"));
  if (call.contains("idle_timeout_ms")) edit->SetIdleTimeout(Milliseconds(call, "idle_timeout_ms"));
  if (call.contains("absolute_timeout_ms")) {
    edit->SetAbsoluteTimeout(Milliseconds(call, "absolute_timeout_ms"));
  }
  ForEachPart(Argument(call, "ops"), edit, AddOperation);
  ForEachPart(Argument(call, "if"), edit, AddCondition);
}

Ack AckOf(const Json& call) {
  const std::string ack = Argument(call, "ack");
  if (ack == "received") return Ack::kReceived;
  return ack == "delivered" ? Ack::kDelivered : Ack::kDurable;
}

class Driver {
 public:
  void Run() {
    for (std::string line; std::getline(std::cin, line);) Call(Json::parse(line));
    if (client_) client_->Close(0ms);
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void Call(const Json& call) {
    const std::string name = Argument(call, "call");
    if (name == "connect") return Connect(call);
    // A delta's place among the others is that of its call.
    if (name == "commit" || name == "delete") return Commit(call, name == "delete");
    threads_.emplace_back([this, call, name] { Print(Argument(call, "as"), Ask(name, call)); });
  }

  Json Ask(const std::string& name, const Json& call) {
    if (name == "open") return Open(call);
    if (name == "lock") return Lock(call);
    if (name == "prolong") return Prolong(call);
    if (name == "unlock") return Unlock(call);
    if (name == "rename") return Rename(call);
    return Read(call);
  }

  Json Lock(const Json& call) {
    LockOptions options;
    options.lease = Milliseconds(call, "lease_ms");
    options.wait = Milliseconds(call, "wait_ms");
    options.timeout = kPatience;
    absl::StatusOr<SessionLock> lock = SessionOf(call).Lock(options);
    if (!lock.ok()) return Failed(lock.status());
    const Json result = {{"outcome", "locked"},
                         {"token", std::to_string(lock->token())},
                         {"version", std::to_string(lock->version())}};
    const std::lock_guard guard(mutex_);
    locks_.insert_or_assign(Argument(call, "as"), *std::move(lock));
    return result;
  }

  // Calls of the kit come one after another for a lock.
  SessionLock& LockOf(const Json& call) {
    const std::lock_guard guard(mutex_);
    return locks_.at(Argument(call, "lock"));
  }

  Json Prolong(const Json& call) {
    const absl::Status prolonged = LockOf(call).Prolong(Milliseconds(call, "lease_ms"), kPatience);
    return prolonged.ok() ? Json{{"outcome", "prolonged"}} : Failed(prolonged);
  }

  Json Unlock(const Json& call) {
    LockOf(call).Unlock();
    return {{"outcome", "unlocked"}};
  }

  Json Rename(const Json& call) {
    const absl::Status renamed =
        SessionOf(call).ChangeId(Argument(call, "id"), Milliseconds(call, "alias_ms"), kPatience);
    return renamed.ok() ? Json{{"outcome", "renamed"}} : Failed(renamed);
  }

  void Connect(const Json& call) {
    ClientOptions options;
    options.endpoints = {Argument(call, "endpoint")};
    options.app = Argument(call, "app");
    options.node_name = Argument(call, "node_name");
    client_.emplace(*Client::Connect(std::move(options)));
  }

  Json Open(const Json& call) {
    OpenOptions options;
    const std::string create = Argument(call, "create");
    if (create == "if_missing") options.create = Create::kIfMissing;
    if (create == "exclusive") options.create = Create::kExclusive;
    options.at_least_version = Number(call, "at_least_version");
    if (Argument(call, "interest") == "invalidate") options.interest = Interest::kInvalidate;
    options.idle_timeout = Milliseconds(call, "idle_timeout_ms");
    options.absolute_timeout = Milliseconds(call, "absolute_timeout_ms");
    options.owner = Argument(call, "owner");
    options.timeout = kPatience;
    absl::StatusOr<Session> session = client_->Open(Argument(call, "id"), options);
    if (!session.ok()) return Failed(session.status());
    const absl::StatusOr<View> view = session->Read();
    if (!view.ok()) return Failed(view.status());
    const std::lock_guard lock(mutex_);
    sessions_.insert_or_assign(Argument(call, "as"), *std::move(session));
    return {{"outcome", "opened"}, {"version", std::to_string(view->version())}};
  }

  void Commit(const Json& call, bool deletes) {
    const std::string label = Argument(call, "as");
    Session session = SessionOf(call);
    if (deletes) {
      threads_.emplace_back(
          [this, label, session]() mutable { Print(label, ResultOf(session.Delete(kPatience))); });
      return;
    }
    Edit edit = session.Begin();
    if (!Argument(call, "lock").empty()) edit.UnderLock(LockOf(call));
    AddTerms(call, &edit);
    std::move(edit).Commit(AckOf(call), [this, label](const Committed& committed) {
      Print(label, ResultOf(committed));
    });
  }

  Json Read(const Json& call) {
    const Session session = SessionOf(call);
    const bool until_it_fails = !Argument(call, "refused").empty();
    const uint64_t version = Number(call, "version");
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (true) {
      const absl::StatusOr<View> view = session.Read();
      const bool late = std::chrono::steady_clock::now() > deadline;
      if (!view.ok() && (version == 0 || late)) return Failed(view.status());
      if (view.ok() && ((view->version() >= version && !until_it_fails) || late)) {
        return {{"outcome", "read"},
                {"version", std::to_string(view->version())},
                {"fields", FieldsOf(*view)}};
      }
      poll(nullptr, 0, 2);
    }
  }

  Session SessionOf(const Json& call) {
    const std::lock_guard lock(mutex_);
    return sessions_.at(Argument(call, "session"));
  }

  void Print(const std::string& label, Json result) {
    result["result"] = label;
    const std::lock_guard lock(mutex_);
    std::cout << result.dump() << std::endl;
  }

  std::optional<Client> client_;
  std::mutex mutex_;
  std::map<std::string, Session> sessions_;   // by the label of their open
  std::map<std::string, SessionLock> locks_;  // by the label of their lock
  std::vector<std::thread> threads_;
};

}  // namespace
}  // namespace sessionhub

int main() {
  sessionhub::Driver().Run();
  return 0;
}
