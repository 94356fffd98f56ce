#include "hub/gateway/auth.h"

#include <glog/logging.h>

#include <optional>
#include <string_view>
#include <utility>

#include "hub/hub_clock.h"
#include "proto/session/error_codes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr char kAuthorization[] = "authorization";
constexpr std::string_view kBearer = "Bearer ";

uint64_t WallTimeS() {
  return WallTimeUs() / 1'000'000;
}

absl::StatusOr<TokenText> TokenOf(const grpc::ServerContextBase& call) {
  const auto found = call.client_metadata().find(kAuthorization);
  if (found == call.client_metadata().end()) {
    return ErrorStatus(
        CallError::kTokenMissing,
        "this hub asks for a token and none came: `sessionhubctl tokens create` makes one");
  }
  std::string_view text(found->second.data(), found->second.size());
  if (text.substr(0, kBearer.size()) == kBearer) text.remove_prefix(kBearer.size());
  std::optional<TokenText> token = ParseToken(text);
  if (token) return *std::move(token);
  return ErrorStatus(CallError::kTokenRefused,
                     "what came as authorization is no token of the form `Bearer shub_ID_SECRET`");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Auth>> Auth::Open(const AuthOptions& options) {
  std::unique_ptr<TokenBook> tokens;
  std::unique_ptr<AuditLog> audit;
  if (!options.tokens_file.empty()) {
    ASSIGN_OR_RETURN(tokens, TokenBook::Open(options.tokens_file, WallTimeS));
  }
  if (!options.audit_file.empty()) {
    ASSIGN_OR_RETURN(audit,
                     AuditLog::Open(options.audit_file, options.audit_bytes_max, WallTimeUs));
  }
  const bool needs_key = tokens || audit;
  ASSIGN_OR_RETURN(IdLabels labels, IdLabels::Open(needs_key ? options.key_folder : ""));
  if (tokens) LOG(INFO) << "event=tokens_loaded tokens=" << tokens->size();
  return std::unique_ptr<Auth>(new Auth(std::move(tokens), std::move(audit), std::move(labels)));
}

absl::StatusOr<Caller> Auth::Authenticate(const grpc::ServerContextBase& call, const char* name) {
  if (!tokens_) return Caller();
  const absl::StatusOr<TokenText> token = TokenOf(call);
  absl::StatusOr<Caller> caller =
      token.ok() ? tokens_->Find(*token) : absl::StatusOr<Caller>(token.status());
  if (caller.ok()) return caller;
  AuditEntry entry;
  entry.event = "refused";
  entry.call = name;
  if (token.ok()) entry.token = token->id;
  NoteRefusal(call.peer(), caller.status(), std::move(entry));
  return caller;
}

void Auth::NoteRefusal(const std::string& peer, const absl::Status& why, AuditEntry entry) {
  uint64_t refused = 0;
  std::optional<uint64_t> unwritten;
  {
    absl::MutexLock lock(&mutex_);
    refused = ++refused_;
    unwritten = refusals_audited_.Take(BootTimeUs());
  }
  LOG_EVERY_N(WARNING, 100) << "event=caller_refused callers_refused=" << refused
                            << " peer=" << peer << " status=\"" << why.ToString() << "\"";
  if (!audit_ || !unwritten) return;
  entry.peer = peer;
  entry.unwritten = *unwritten;
  entry.outcome = absl::StatusCodeToString(why.code());
  audit_->Write(entry);
}

absl::Status Auth::Check(const Caller& caller) const {
  return tokens_ ? tokens_->Check(caller) : absl::OkStatus();
}

absl::Status Auth::Reload() {
  if (!tokens_) return absl::OkStatus();
  RETURN_IF_ERROR(tokens_->Reload());
  LOG(INFO) << "event=tokens_loaded tokens=" << tokens_->size();
  return absl::OkStatus();
}

void Auth::LookAtTokens() {
  if (!tokens_) return;
  const absl::StatusOr<bool> read = tokens_->ReloadIfChanged();
  if (!read.ok()) {
    LOG(ERROR) << "event=tokens_not_loaded status=\"" << read.status().ToString()
               << "\" effect=\"the tokens that were read before stay in force\"";
  } else if (*read) {
    LOG(INFO) << "event=tokens_loaded tokens=" << tokens_->size();
  }
}

void Auth::Audit(const Caller& caller, const std::string& peer, const absl::Status& outcome,
                 AuditEntry entry) const {
  if (!audit_) return;
  entry.token = caller.token_id;
  entry.role = caller.token_id.empty() ? "" : RoleName(caller.role);
  entry.peer = peer;
  entry.outcome = absl::StatusCodeToString(outcome.code());
  audit_->Write(entry);
}

void Auth::AuditTurnedAway(const Caller& caller, const std::string& peer,
                           const absl::Status& outcome, AuditEntry entry) {
  std::optional<uint64_t> unwritten;
  {
    absl::MutexLock lock(&mutex_);
    unwritten = turned_away_audited_.Take(BootTimeUs());
  }
  if (!unwritten) return;
  entry.unwritten = *unwritten;
  Audit(caller, peer, outcome, std::move(entry));
}

}  // namespace sessionhub::hub
