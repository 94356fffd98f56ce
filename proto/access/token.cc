#include "proto/access/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "proto/session/ids.h"
#include "proto/session/limits.h"
#include "proto/session/status_macros.h"

namespace sessionhub {
namespace {

constexpr std::string_view kTokenPrefix = "shub_";
constexpr size_t kTokenIdDigits = 12;
constexpr size_t kTokenSecretDigits = 64;
constexpr size_t kSha256Bytes = 32;
constexpr Role kRoles[] = {Role::kNode, Role::kReader, Role::kAdmin};

bool IsHex(std::string_view text, size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

template <size_t Size>
std::string HexOf(const std::array<uint8_t, Size>& bytes) {
  return ToHex(std::string(bytes.begin(), bytes.end()));
}

absl::Status Wrong(const TokenRecord& record, const std::string& what) {
  return absl::InvalidArgumentError("token " + record.id + ": " + what);
}

}  // namespace

std::string TokenText::ToText() const {
  return std::string(kTokenPrefix) + id + "_" + secret;
}

TokenText MakeToken(const std::array<uint8_t, 6>& id, const std::array<uint8_t, 32>& secret) {
  return {HexOf(id), HexOf(secret)};
}

std::optional<TokenText> ParseToken(std::string_view text) {
  if (text.substr(0, kTokenPrefix.size()) != kTokenPrefix) return std::nullopt;
  text.remove_prefix(kTokenPrefix.size());
  const std::string_view id = text.substr(0, kTokenIdDigits);
  if (!IsHex(id, kTokenIdDigits) || text.substr(kTokenIdDigits, 1) != "_") return std::nullopt;
  const std::string_view secret = text.substr(kTokenIdDigits + 1);
  if (!IsHex(secret, kTokenSecretDigits)) return std::nullopt;
  return TokenText{std::string(id), std::string(secret)};
}

const char* RoleName(Role role) {
  switch (role) {
    case Role::kNode:
      return "node";
    case Role::kReader:
      return "reader";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Role> RoleFromName(std::string_view name) {
  for (const Role role : kRoles) {
    if (name == RoleName(role)) return role;
  }
  return std::nullopt;
}

std::string Sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) size = 0;
  return std::string(digest, digest + size);
}

bool HasSecret(const TokenRecord& record, std::string_view secret) {
  const std::string digest = Sha256(secret);
  return digest.size() == kSha256Bytes && record.secret_sha256.size() == kSha256Bytes &&
         CRYPTO_memcmp(digest.data(), record.secret_sha256.data(), kSha256Bytes) == 0;
}

bool IsExpired(const TokenRecord& record, uint64_t now_s) {
  return record.expires_s != 0 && now_s >= record.expires_s;
}

absl::Status CheckTokenRecord(const TokenRecord& record) {
  if (!IsHex(record.id, kTokenIdDigits)) {
    return absl::InvalidArgumentError("a token's id has 12 digits of 0-9a-f");
  }
  if (record.secret_sha256.size() != kSha256Bytes) {
    return Wrong(record, "sha256 has 64 digits of 0-9a-f");
  }
  if (record.app == kEveryApp && record.role == Role::kNode) {
    return Wrong(record, "a node's token names its app: only readers and admins have *");
  }
  if (record.app != kEveryApp) {
    if (absl::Status app = CheckName("app", record.app); !app.ok()) {
      return Wrong(record, std::string(app.message()));
    }
  }
  if (record.note.size() > kTokenNoteBytesMax) {
    return Wrong(record, "note has " + std::to_string(record.note.size()) + " bytes, over " +
                             std::to_string(kTokenNoteBytesMax));
  }
  return absl::OkStatus();
}

}  // namespace sessionhub
