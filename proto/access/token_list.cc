#include "proto/access/token_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "proto/session/ids.h"
#include "proto/session/status_macros.h"

namespace sessionhub {
namespace {

using TokenJson = nlohmann::ordered_json;

constexpr char kFormatKey[] = "sessionhub_tokens";
constexpr uint64_t kTokensFormat = 1;

absl::Status WrongKey(const char* key) {
  return absl::InvalidArgumentError("\"" + std::string(key) + "\" is missing or of another type");
}

absl::StatusOr<std::string> StringAt(const TokenJson& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return WrongKey(key);
  return found->get<std::string>();
}

absl::StatusOr<uint64_t> NumberAt(const TokenJson& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return WrongKey(key);
  return found->get<uint64_t>();
}

// Empty if it is none.
std::string FromHexDigits(std::string_view digits) {
  const auto value = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = value(digits[i]);
    const int low = value(digits[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return digits.size() % 2 == 0 ? bytes : "";
}

absl::StatusOr<TokenRecord> RecordOf(const TokenJson& json) {
  TokenRecord record;
  ASSIGN_OR_RETURN(record.id, StringAt(json, "id"));
  ASSIGN_OR_RETURN(const std::string sha256, StringAt(json, "sha256"));
  record.secret_sha256 = FromHexDigits(sha256);
  ASSIGN_OR_RETURN(record.app, StringAt(json, "app"));
  ASSIGN_OR_RETURN(const std::string role_name, StringAt(json, "role"));
  const std::optional<Role> role = RoleFromName(role_name);
  if (!role) return absl::InvalidArgumentError("\"role\" is none of node, reader, admin");
  record.role = *role;
  ASSIGN_OR_RETURN(record.created_s, NumberAt(json, "created"));
  if (json.contains("expires")) {
    ASSIGN_OR_RETURN(record.expires_s, NumberAt(json, "expires"));
  }
  if (json.contains("note")) {
    ASSIGN_OR_RETURN(record.note, StringAt(json, "note"));
  }
  RETURN_IF_ERROR(CheckTokenRecord(record));
  return record;
}

absl::Status CheckFormatLine(const TokenJson& json) {
  const absl::StatusOr<uint64_t> format = NumberAt(json, kFormatKey);
  if (format.ok() && *format == kTokensFormat) return absl::OkStatus();
  return absl::InvalidArgumentError("the first line is to be {\"" + std::string(kFormatKey) +
                                    "\":1}: this is no file of tokens, or one of a later release");
}

class ListReader {
 public:
  absl::Status Take(std::string_view line) {
    const TokenJson json = TokenJson::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return absl::InvalidArgumentError("it is no JSON object");
    if (!std::exchange(format_seen_, true)) return CheckFormatLine(json);
    if (tokens_.size() == kTokensMax) {
      return absl::InvalidArgumentError("there are more than " + std::to_string(kTokensMax) +
                                        " tokens: revoke some");
    }
    ASSIGN_OR_RETURN(TokenRecord record, RecordOf(json));
    if (!ids_.insert(record.id).second) {
      return absl::InvalidArgumentError("id " + record.id + " comes twice");
    }
    tokens_.push_back(std::move(record));
    return absl::OkStatus();
  }
  bool format_seen() const { return format_seen_; }
  std::vector<TokenRecord> TakeTokens() { return std::move(tokens_); }

 private:
  bool format_seen_ = false;
  std::set<std::string> ids_;
  std::vector<TokenRecord> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<TokenRecord>> ParseTokenList(std::string_view text) {
  ListReader reader;
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty()) continue;
    if (absl::Status status = reader.Take(line); !status.ok()) {
      return absl::InvalidArgumentError("line " + std::to_string(number) + ": " +
                                        std::string(status.message()));
    }
  }
  if (!reader.format_seen()) {
    return absl::InvalidArgumentError("it is empty: make it by `sessionhubctl tokens create`");
  }
  return reader.TakeTokens();
}

std::string FormatTokenList(const std::vector<TokenRecord>& tokens) {
  TokenJson head;
  head[kFormatKey] = kTokensFormat;
  std::string text = head.dump() + "\n";
  for (const TokenRecord& token : tokens) {
    TokenJson json = {{"id", token.id},
                      {"sha256", ToHex(token.secret_sha256)},
                      {"app", token.app},
                      {"role", RoleName(token.role)},
                      {"created", token.created_s}};
    if (token.expires_s != 0) json["expires"] = token.expires_s;
    if (!token.note.empty()) json["note"] = token.note;
    text += json.dump(-1, ' ', false, TokenJson::error_handler_t::replace) + "\n";
  }
  return text;
}

}  // namespace sessionhub
