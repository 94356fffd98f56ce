// Sessions in the nodes themselves: in the one that serves them only, or in all, each of which
// tells all others of each change: by the whole session as most session replication does, or by the
// changed fields, as lean as the hub's own frames.
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "bench/compare/lean_codec.h"
#include "bench/compare/mesh_links.h"
#include "bench/compare/node_sessions.h"
#include "bench/demo/mesh_codec.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// Peers that do not run are not waited for much longer than they take to start.
constexpr std::chrono::milliseconds kPeersMax{5'000};

enum class Tells { kWholeSessions, kChangedFields };

absl::StatusOr<std::optional<MeshMessage>> TakeWholeSession(std::string_view* bytes) {
  MeshMessage message;
  switch (TakeMessage(bytes, &message)) {
    case Parsed::kMessage:
      return message;
    case Parsed::kNeedsMore:
      return std::nullopt;
    case Parsed::kDamaged:
      break;
  }
  return absl::InvalidArgumentError("a message that is no whole session");
}

class MeshSessions : public NodeSessions {
 public:
  explicit MeshSessions(Tells tells) : tells_(tells) {}
  ~MeshSessions() override { links_.reset(); }

  // Unless it has started, sessions stay in this node.
  absl::Status StartLinks(const NodeSessionsOptions& options);

  absl::Status Create(const std::string& id, const SessionFields& fields) override;
  absl::Status Change(const std::string& id, const SessionFields& changes) override;
  absl::StatusOr<SessionFields> Read(const std::string& id) override;

 private:
  void Set(const std::string& id, const SessionFields& changes, SessionFields* fields)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  MeshLinks::Decoder MakeDecoder() const;
  void TellAll(const MeshLinks::TakeAll& take);
  void Receive(const MeshMessage& message, bool whole);
  void Flush() {
    if (links_ != nullptr) links_->Flush();
  }

  const Tells tells_;
  absl::Mutex mutex_;  // messages leave in the order of the changes that it gives
  LeanEncoder::Sessions sessions_ ABSL_GUARDED_BY(mutex_);
  LeanEncoder encoder_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<MeshLinks> links_;
};

absl::Status MeshSessions::StartLinks(const NodeSessionsOptions& options) {
  MeshLinks::Callbacks callbacks;
  callbacks.make_decoder = [this] { return MakeDecoder(); };
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
  for (const auto& [name, value] : changes) (*fields)[name] = value;
  if (links_ == nullptr) return;
  std::string message;
  if (tells_ == Tells::kChangedFields) {
    encoder_.AppendChange(id, changes, &message);
  } else {
    AppendMessage(Broadcast::kSession, id, *fields, {}, &message);
  }
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

MeshLinks::Decoder MeshSessions::MakeDecoder() const {
  if (tells_ == Tells::kWholeSessions) return TakeWholeSession;
  return [decoder = LeanDecoder()](std::string_view* bytes) mutable { return decoder.Take(bytes); };
}

void MeshSessions::TellAll(const MeshLinks::TakeAll& take) {
  absl::MutexLock lock(&mutex_);
  std::string messages;
  if (tells_ == Tells::kChangedFields) {
    encoder_.AppendAll(sessions_, &messages);
  } else {
    for (const auto& [id, fields] : sessions_) {
      AppendMessage(Broadcast::kSession, id, fields, {}, &messages);
    }
  }
  take(sessions_.size(), messages);
}

void MeshSessions::Receive(const MeshMessage& message, bool whole) {
  absl::MutexLock lock(&mutex_);
  SessionFields& fields = sessions_[message.session];
  if (!whole) {
    if (tells_ == Tells::kWholeSessions) fields.clear();
    for (const auto& [name, value] : message.entries) fields[name] = value;
    return;
  }
  // What this node has heard of by itself is newer than what another one has kept.
  for (const auto& [name, value] : message.entries) fields.emplace(name, value);
}

}  // namespace

MadeNodeSessions MakeMeshSessions(const NodeSessionsOptions& options) {
  if (options.strategy == "sticky_only") {
    return std::make_unique<MeshSessions>(Tells::kWholeSessions);
  }
  const bool whole = options.strategy == "broadcast_sessions";
  if (!whole && options.strategy != "broadcast_fields") return nullptr;
  auto mesh = std::make_unique<MeshSessions>(whole ? Tells::kWholeSessions : Tells::kChangedFields);
  RETURN_IF_ERROR(mesh->StartLinks(options));
  return mesh;
}

}  // namespace sessionhub::bench
