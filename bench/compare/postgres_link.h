// PostgresLink: one connection to PostgreSQL, by libpq, with the statements that keep sessions,
// prepared, with parameters and results in binary form.
//
// Not thread-safe.
#ifndef BENCH_COMPARE_POSTGRES_LINK_H_
#define BENCH_COMPARE_POSTGRES_LINK_H_

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/host_port.h"

namespace sessionhub::bench {

// Makes the table of the sessions, unless it is there. Unavailable if the server does not answer.
absl::Status MakePostgresTable(const HostPort& server);

class PostgresLink {
 public:
  // Unavailable if the server does not answer, FailedPrecondition if it has no table of sessions.
  static absl::StatusOr<PostgresLink> Connect(const HostPort& server);

  // Unavailable from these means that the connection is lost, Internal that the server refuses.
  absl::Status Insert(const std::string& id, const std::string& data);
  absl::Status Update(const std::string& id, const std::string& data);  // NotFound
  absl::StatusOr<std::string> Select(const std::string& id);            // NotFound

 private:
  friend absl::Status MakePostgresTable(const HostPort& server);
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  explicit PostgresLink(PGconn* connection) : connection_(connection) {}

  static absl::StatusOr<PostgresLink> ConnectWithoutStatements(const HostPort& server);
  absl::Status Prepare();
  absl::StatusOr<Result> Checked(PGresult* result) const;
  absl::StatusOr<Result> Run(const char* statement, const std::vector<const std::string*>& values);

  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_POSTGRES_LINK_H_
