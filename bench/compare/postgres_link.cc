#include "bench/compare/postgres_link.h"

#include <string_view>
#include <utility>

#include "bench/compare/store_settings.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr char kConnectWaitMaxS[] = "10";
// How long what was sent may stay without an answer of the other host's kernel.
constexpr char kUnackedMaxMs[] = "10000";

constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS sess (id text PRIMARY KEY, data bytea NOT NULL)";

struct Statement {
  const char* name;
  const char* text;
};

// A session that is inserted again, after a lost answer, is the same one.
constexpr Statement kInsert = {"i",
                               "INSERT INTO sess (id, data) VALUES ($1::text, $2::bytea) "
                               "ON CONFLICT (id) DO UPDATE SET data = excluded.data"};
constexpr Statement kUpdate = {"u", "UPDATE sess SET data = $2::bytea WHERE id = $1::text"};
constexpr Statement kSelect = {"s", "SELECT data FROM sess WHERE id = $1::text"};

// As the server words it, without the line's end.
std::string Message(const char* text) {
  std::string_view message = text;
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  return "PostgreSQL: " + std::string(message);
}

}  // namespace

absl::StatusOr<PostgresLink> PostgresLink::ConnectWithoutStatements(const HostPort& server) {
  const std::string port = std::to_string(server.port);
  const std::pair<const char*, const char*> options[] = {
      {"hostaddr", server.host.c_str()},
      {"port", port.c_str()},
      {"dbname", kPostgresDatabase},
      {"user", kPostgresUser},
      {"sslmode", "disable"},
      {"gssencmode", "disable"},
      {"connect_timeout", kConnectWaitMaxS},
      {"tcp_user_timeout", kUnackedMaxMs},
      // That the table is there already is no news.
      {"options", "-c client_min_messages=warning"},
  };
  std::vector<const char*> names, values;
  for (const auto& [name, value] : options) {
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* const made = PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/0);
  if (made == nullptr) return absl::ResourceExhaustedError("no memory for a connection");
  PostgresLink link(made);
  if (PQstatus(made) != CONNECTION_OK) return absl::UnavailableError(Message(PQerrorMessage(made)));
  return link;
}

absl::StatusOr<PostgresLink> PostgresLink::Connect(const HostPort& server) {
  ASSIGN_OR_RETURN(PostgresLink link, ConnectWithoutStatements(server));
  RETURN_IF_ERROR(link.Prepare());
  return link;
}

absl::Status PostgresLink::Prepare() {
  for (const Statement& statement : {kInsert, kUpdate, kSelect}) {
    const absl::Status prepared =
        Checked(PQprepare(connection_.get(), statement.name, statement.text, 0, nullptr)).status();
    if (absl::IsInternal(prepared)) return absl::FailedPreconditionError(prepared.message());
    RETURN_IF_ERROR(prepared);
  }
  return absl::OkStatus();
}

absl::StatusOr<PostgresLink::Result> PostgresLink::Checked(PGresult* taken) const {
  Result result(taken);
  const ExecStatusType status = PQresultStatus(taken);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  const std::string message = Message(PQerrorMessage(connection_.get()));
  if (PQstatus(connection_.get()) != CONNECTION_OK) return absl::UnavailableError(message);
  return absl::InternalError(message);
}

absl::StatusOr<PostgresLink::Result> PostgresLink::Run(
    const char* statement, const std::vector<const std::string*>& values) {
  constexpr int kBinary = 1;
  std::vector<const char*> bytes;
  std::vector<int> sizes;
  for (const std::string* value : values) {
    bytes.push_back(value->data());
    sizes.push_back(static_cast<int>(value->size()));
  }
  const std::vector<int> formats(values.size(), kBinary);
  return Checked(PQexecPrepared(connection_.get(), statement, static_cast<int>(values.size()),
                                bytes.data(), sizes.data(), formats.data(), kBinary));
}

absl::Status PostgresLink::Insert(const std::string& id, const std::string& data) {
  return Run(kInsert.name, {&id, &data}).status();
}

absl::Status PostgresLink::Update(const std::string& id, const std::string& data) {
  ASSIGN_OR_RETURN(const Result result, Run(kUpdate.name, {&id, &data}));
  if (std::string_view(PQcmdTuples(result.get())) == "1") return absl::OkStatus();
  return absl::NotFoundError("PostgreSQL has no such session");
}

absl::StatusOr<std::string> PostgresLink::Select(const std::string& id) {
  ASSIGN_OR_RETURN(const Result result, Run(kSelect.name, {&id}));
  if (PQntuples(result.get()) == 0) return absl::NotFoundError("PostgreSQL has no such session");
  return std::string(PQgetvalue(result.get(), 0, 0),
                     static_cast<size_t>(PQgetlength(result.get(), 0, 0)));
}

absl::Status MakePostgresTable(const HostPort& server) {
  ASSIGN_OR_RETURN(const PostgresLink link, PostgresLink::ConnectWithoutStatements(server));
  return link.Checked(PQexec(link.connection_.get(), kCreateTable)).status();
}

}  // namespace sessionhub::bench
