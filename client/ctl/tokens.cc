#include "client/ctl/tokens.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "client/ctl/json_report.h"
#include "client/ctl/printable.h"
#include "client/ctl/table.h"
#include "client/ctl/tokens_file.h"
#include "proto/access/token.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

constexpr uint64_t kDaySeconds = 24 * 3600;

template <size_t Size>
absl::StatusOr<std::array<uint8_t, Size>> RandomBytes() {
  std::array<uint8_t, Size> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size())) return bytes;
  return absl::InternalError("the system gives no random bytes");
}

absl::StatusOr<TokenText> NewToken() {
  ASSIGN_OR_RETURN(const auto id, RandomBytes<6>());
  ASSIGN_OR_RETURN(const auto secret, RandomBytes<32>());
  return MakeToken(id, secret);
}

absl::Status CreateToken(const CommandLine& line, Terminal& terminal) {
  ASSIGN_OR_RETURN(const TokenText token, NewToken());
  TokenRecord record;
  record.id = token.id;
  record.secret_sha256 = Sha256(token.secret);
  record.app = line.app;
  record.role = line.role;
  record.created_s = static_cast<uint64_t>(std::time(nullptr));
  if (line.expires_days > 0) record.expires_s = record.created_s + line.expires_days * kDaySeconds;
  record.note = line.note;
  RETURN_IF_ERROR(CheckTokenRecord(record));
  RETURN_IF_ERROR(ChangeTokensFile(line.tokens_file, [&record](std::vector<TokenRecord>* tokens) {
    tokens->push_back(record);
    return absl::OkStatus();
  }));
  if (line.output == Output::kJson) {
    PrintJson({{"id", token.id}, {"token", token.ToText()}}, terminal.out);
  } else {
    terminal.out << token.ToText() << '\n';
    terminal.err << "Token " << token.id << ": keep it now, it is not shown again.\n";
  }
  return absl::OkStatus();
}

Json TokenRecordJson(const TokenRecord& token) {
  return {{"id", token.id},
          {"app", token.app},
          {"role", RoleName(token.role)},
          {"created_ms", token.created_s * 1000},
          {"expires_ms", token.expires_s * 1000},
          {"note", token.note}};
}

absl::Status ListTokens(const CommandLine& line, Terminal& terminal) {
  ASSIGN_OR_RETURN(const std::vector<TokenRecord> tokens, ReadTokensFile(line.tokens_file));
  if (line.output == Output::kJson) {
    Json list = Json::array();
    for (const TokenRecord& token : tokens) list.push_back(TokenRecordJson(token));
    Json json;
    json["tokens"] = std::move(list);
    PrintJson(json, terminal.out);
    return absl::OkStatus();
  }
  const auto now_s = static_cast<uint64_t>(std::time(nullptr));
  Table table({{"id"}, {"app"}, {"role"}, {"created"}, {"expires"}, {"note"}});
  for (const TokenRecord& token : tokens) {
    std::string expires = token.expires_s == 0 ? "never" : TimeText(token.expires_s * 1000);
    if (IsExpired(token, now_s)) expires += ", over";
    table.AddRow({token.id, token.app, RoleName(token.role), TimeText(token.created_s * 1000),
                  expires, token.note});
  }
  table.Print(terminal.out);
  return absl::OkStatus();
}

absl::Status RevokeToken(const CommandLine& line, Terminal& terminal) {
  RETURN_IF_ERROR(ChangeTokensFile(line.tokens_file, [&line](std::vector<TokenRecord>* tokens) {
    const auto found =
        std::find_if(tokens->begin(), tokens->end(),
                     [&line](const TokenRecord& token) { return token.id == line.token_id; });
    if (found == tokens->end()) {
      return absl::NotFoundError("no token of " + line.tokens_file + " has the id " +
                                 line.token_id);
    }
    tokens->erase(found);
    return absl::OkStatus();
  }));
  if (line.output == Output::kJson) {
    PrintJson({{"id", line.token_id}}, terminal.out);
  } else {
    terminal.out << "Revoked token " << line.token_id << ".\n";
  }
  return absl::OkStatus();
}

}  // namespace

bool IsTokensCommand(Command command) {
  return command == Command::kTokensCreate || command == Command::kTokensList ||
         command == Command::kTokensRevoke;
}

absl::Status RunTokensCommand(const CommandLine& line, Terminal& terminal) {
  switch (line.command) {
    case Command::kTokensCreate:
      return CreateToken(line, terminal);
    case Command::kTokensList:
      return ListTokens(line, terminal);
    case Command::kTokensRevoke:
      return RevokeToken(line, terminal);
    default:
      return absl::OkStatus();
  }
}

}  // namespace sessionhub::ctl
