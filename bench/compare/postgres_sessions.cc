// Sessions in PostgreSQL: a row for each, which a request loads, and updates if it has changed it.
// Of two requests that change a session at once, the one that updates last undoes what the other
// has stored.
#include <memory>
#include <string>

#include "bench/compare/connection_pool.h"
#include "bench/compare/node_sessions.h"
#include "bench/compare/postgres_link.h"
#include "bench/compare/session_bytes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

class PostgresSessions final : public NodeSessions {
 public:
  explicit PostgresSessions(const HostPort& server)
      : links_([server] { return PostgresLink::Connect(server); }) {}

  absl::Status Start() { return links_.Start(); }

  absl::Status Create(const std::string& id, const SessionFields& fields) override {
    const std::string data = EncodeSession(fields);
    return links_.With([&](PostgresLink& link) { return link.Insert(id, data); });
  }
  absl::Status Change(const std::string& id, const SessionFields& changes) override {
    ASSIGN_OR_RETURN(SessionFields fields, Read(id));
    ApplyChanges(changes, &fields);
    const std::string data = EncodeSession(fields);
    return links_.With([&](PostgresLink& link) { return link.Update(id, data); });
  }
  absl::StatusOr<SessionFields> Read(const std::string& id) override {
    ASSIGN_OR_RETURN(const std::string data,
                     links_.With([&](PostgresLink& link) { return link.Select(id); }));
    return DecodeSession(data);
  }

 private:
  ConnectionPool<PostgresLink> links_;
};

}  // namespace

MadeNodeSessions MakePostgresSessions(const NodeSessionsOptions& options) {
  if (options.strategy != "postgres") return nullptr;
  ASSIGN_OR_RETURN(const HostPort server, ParseHostPort(options.server));
  auto sessions = std::make_unique<PostgresSessions>(server);
  RETURN_IF_ERROR(sessions->Start());
  return sessions;
}

}  // namespace sessionhub::bench
