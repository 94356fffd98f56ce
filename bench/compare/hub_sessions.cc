// Sessions in a hub: each change goes there, and from there to the nodes that have opened the
// session. A change is answered once it is durable.
#include <chrono>
#include <utility>

#include "bench/compare/node_sessions.h"
#include "proto/session/status_macros.h"
#include "sessionhub/client.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kOpenMax{10'000};
constexpr std::chrono::milliseconds kCommitMax{10'000};
// After which an attached node gives up waiting for the hub.
constexpr std::chrono::milliseconds kAttachMax{20'000};
constexpr std::chrono::milliseconds kFlushMax{2'000};
// Another node may change the session again between its opening and a look at it.
constexpr int kOpensMax = 5;

class HubSessions : public NodeSessions {
 public:
  HubSessions(Client client, Interest interest) : client_(std::move(client)), interest_(interest) {}
  ~HubSessions() override { client_.Close(kFlushMax); }

  // Until the hub has answered once.
  absl::Status AwaitHub();

  absl::Status Create(const std::string& id, const SessionFields& fields) override;
  absl::Status Change(const std::string& id, const SessionFields& changes) override;
  absl::StatusOr<SessionFields> Read(const std::string& id) override;

 private:
  absl::StatusOr<Session> Open(const std::string& id, sessionhub::Create create);
  absl::StatusOr<View> Look(const std::string& id);

  Client client_;
  const Interest interest_;
};

absl::Status Commit(const Session& session, const SessionFields& fields) {
  Edit edit = session.Begin();
  for (const auto& [name, value] : fields) edit.Set(name, value);
  return std::move(edit).Commit(Ack::kDurable, kCommitMax).status;
}

absl::Status HubSessions::AwaitHub() {
  OpenOptions options;
  options.timeout = kAttachMax;
  options.interest = Interest::kNone;
  // Which session is asked for does not matter: an answer is one.
  const absl::Status status = client_.Open("ready", options).status();
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::StatusOr<Session> HubSessions::Open(const std::string& id, sessionhub::Create create) {
  OpenOptions options;
  options.create = create;
  options.interest = interest_;
  options.timeout = kOpenMax;
  return client_.Open(id, options);
}

absl::Status HubSessions::Create(const std::string& id, const SessionFields& fields) {
  ASSIGN_OR_RETURN(const Session session, Open(id, sessionhub::Create::kExclusive));
  return Commit(session, fields);
}

absl::Status HubSessions::Change(const std::string& id, const SessionFields& changes) {
  ASSIGN_OR_RETURN(const Session session, Open(id, sessionhub::Create::kNever));
  return Commit(session, changes);
}

absl::StatusOr<View> HubSessions::Look(const std::string& id) {
  absl::StatusOr<View> view = absl::UnavailableError("");
  for (int i = 0; i < kOpensMax && absl::IsUnavailable(view.status()); ++i) {
    ASSIGN_OR_RETURN(const Session session, Open(id, sessionhub::Create::kNever));
    view = session.Read();
  }
  return view;
}

absl::StatusOr<SessionFields> HubSessions::Read(const std::string& id) {
  ASSIGN_OR_RETURN(const View view, Look(id));
  SessionFields fields;
  view.ForEach("", [&](const std::string& name, const Value& value) {
    if (const std::string* const text = value.AsString()) fields[name] = *text;
  });
  return fields;
}

}  // namespace

MadeNodeSessions MakeHubSessions(const NodeSessionsOptions& options) {
  const bool push = options.strategy == "sessionhub_push";
  if (!push && options.strategy != "sessionhub_invalidate") return nullptr;
  ClientOptions client_options;
  client_options.endpoints = {options.server};
  client_options.app = "compare";
  client_options.node_name = "web-" + std::to_string(options.node + 1);
  ASSIGN_OR_RETURN(Client client, Client::Connect(std::move(client_options)));
  auto sessions = std::make_unique<HubSessions>(std::move(client),
                                                push ? Interest::kPush : Interest::kInvalidate);
  RETURN_IF_ERROR(sessions->AwaitHub());
  return sessions;
}

}  // namespace sessionhub::bench
