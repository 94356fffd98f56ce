// Sessions in the nodes themselves: in the one that serves them only, or in all, each of which
// tells all others of each change.
#include <chrono>
#include <cstdio>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "bench/compare/mesh_links.h"
#include "bench/compare/node_sessions.h"
#include "bench/demo/mesh_codec.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// Peers that do not run are not waited for much longer than they take to start.
constexpr std::chrono::milliseconds kPeersMax{5'000};

class MeshSessions : public NodeSessions {
 public:
  explicit MeshSessions(Broadcast broadcast) : broadcast_(broadcast) {}
  ~MeshSessions() override { links_.reset(); }

  // Unless it has started, sessions stay in this node.
  absl::Status StartLinks(const NodeSessionsOptions& options);

  absl::Status Create(const std::string& id, const SessionFields& fields) override;
  absl::Status Change(const std::string& id, const SessionFields& changes) override;
  absl::StatusOr<SessionFields> Read(const std::string& id) override;

 private:
  void Set(const std::string& id, const SessionFields& changes, SessionFields* fields)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellAll(const MeshLinks::TakeAll& take);
  void Receive(const MeshMessage& message, bool whole);
  void Flush() {
    if (links_ != nullptr) links_->Flush();
  }

  const Broadcast broadcast_;
  absl::Mutex mutex_;  // messages leave in the order of the changes that it gives
  std::unordered_map<std::string, SessionFields> sessions_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<MeshLinks> links_;
};

absl::Status MeshSessions::StartLinks(const NodeSessionsOptions& options) {
  MeshLinks::Callbacks callbacks;
  callbacks.tell_all = [this](const MeshLinks::TakeAll& take) { TellAll(take); };
  callbacks.received = [this](const MeshMessage& message, bool whole) { Receive(message, whole); };
  ASSIGN_OR_RETURN(links_,
                   MeshLinks::Start(options.back_address, options.peers, std::move(callbacks)));
  if (!links_->AwaitPeers(kPeersMax)) {
    std::fprintf(stderr, "not all peers are there after 5 s: going on without them\n");
  }
  return absl::OkStatus();
}

void MeshSessions::Set(const std::string& id, const SessionFields& changes, SessionFields* fields) {
  std::vector<std::string> changed;
  for (const auto& [name, value] : changes) {
    (*fields)[name] = value;
    changed.push_back(name);
  }
  if (links_ == nullptr) return;
  std::string message;
  AppendMessage(broadcast_, id, *fields, changed, &message);
  links_->Append(message);
}

absl::Status MeshSessions::Create(const std::string& id, const SessionFields& fields) {
  {
    absl::MutexLock lock(&mutex_);
    Set(id, fields, &sessions_[id]);
  }
  Flush();
  return absl::OkStatus();
}

absl::Status MeshSessions::Change(const std::string& id, const SessionFields& changes) {
  {
    absl::MutexLock lock(&mutex_);
    const auto session = sessions_.find(id);
    if (session == sessions_.end()) return absl::NotFoundError("this node has no such session");
    Set(id, changes, &session->second);
  }
  Flush();
  return absl::OkStatus();
}

absl::StatusOr<SessionFields> MeshSessions::Read(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto session = sessions_.find(id);
  if (session == sessions_.end()) return absl::NotFoundError("this node has no such session");
  return session->second;
}

void MeshSessions::TellAll(const MeshLinks::TakeAll& take) {
  absl::MutexLock lock(&mutex_);
  std::string messages;
  for (const auto& [id, fields] : sessions_) {
    AppendMessage(Broadcast::kSession, id, fields, {}, &messages);
  }
  take(sessions_.size(), messages);
}

void MeshSessions::Receive(const MeshMessage& message, bool whole) {
  absl::MutexLock lock(&mutex_);
  SessionFields& fields = sessions_[message.session];
  if (!whole) {
    ApplyMessage(broadcast_, message, &fields);
    return;
  }
  // What this node has heard of by itself is newer than what another one has kept.
  for (const auto& [name, value] : message.entries) fields.emplace(name, value);
}

}  // namespace

MadeNodeSessions MakeMeshSessions(const NodeSessionsOptions& options) {
  if (options.strategy == "sticky_only") {
    return std::make_unique<MeshSessions>(Broadcast::kSession);
  }
  const bool sessions = options.strategy == "broadcast_sessions";
  if (!sessions && options.strategy != "broadcast_fields") return nullptr;
  auto mesh = std::make_unique<MeshSessions>(sessions ? Broadcast::kSession : Broadcast::kField);
  RETURN_IF_ERROR(mesh->StartLinks(options));
  return mesh;
}

}  // namespace sessionhub::bench
