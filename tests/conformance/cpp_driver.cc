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

Json Failed(const absl::Status& status) {
  std::string name = absl::StatusCodeToString(status.code());
  return {{"outcome", "failed"}, {"error", name}};
}

Json ResultOf(const Committed& committed) {
  switch (committed.kind) {
    case Committed::Kind::kApplied:
      return {{"outcome", "applied"}, {"version", std::to_string(committed.version)}};
    case Committed::Kind::kRefused:
      return {{"outcome", "refused"}, {"error", absl::StatusCodeToString(committed.status.code())}};
    case Committed::Kind::kReceived:
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
    return Read(call);
  }

  Json Lock(const Json& call) {
    LockOptions options;
    options.lease = std::chrono::milliseconds(Number(call, "lease_ms"));
    options.wait = std::chrono::milliseconds(Number(call, "wait_ms"));
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
    const std::chrono::milliseconds lease(Number(call, "lease_ms"));
    const absl::Status prolonged = LockOf(call).Prolong(lease, kPatience);
    return prolonged.ok() ? Json{{"outcome", "prolonged"}} : Failed(prolonged);
  }

  Json Unlock(const Json& call) {
    LockOf(call).Unlock();
    return {{"outcome", "unlocked"}};
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
    std::istringstream operations(Argument(call, "ops"));
    for (std::string one; std::getline(operations, one, ';');) AddOperation(one, &edit);
    std::move(edit).Commit(Ack::kDurable, [this, label](const Committed& committed) {
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
