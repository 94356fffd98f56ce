// Tokens: what callers show to a hub, and what a hub keeps of them. Pure; both sides use it.
//
// The text of a token is `shub_ID_SECRET`. The id (12 hexadecimal digits) is public: it finds the
// token's record, and stands in listings, logs and the audit. The secret is 256 random bits as 64
// hexadecimal digits. A hub keeps its SHA-256 only: of so many random bits nobody finds the input
// by trying, so a slow hash, made for passwords, would gain nothing.
#ifndef PROTO_ACCESS_TOKEN_H_
#define PROTO_ACCESS_TOKEN_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace sessionhub {

// What the bearer of a token may do. Which calls that is: hub/gateway/permissions.cc.
enum class Role { kNode, kReader, kAdmin };

inline constexpr size_t kTokenNoteBytesMax = 256;
// Stands for every app.
inline constexpr char kEveryApp[] = "*";

struct TokenRecord {
  std::string id;             // 12 hexadecimal digits
  std::string secret_sha256;  // 32 bytes
  std::string app;            // or kEveryApp
  Role role = Role::kNode;
  uint64_t created_s = 0;  // Unix time
  uint64_t expires_s = 0;  // Unix time; 0: never
  std::string note;        // for people, UTF-8
};

// A token as its bearer has it. Both parts are checked for their form only.
struct TokenText {
  std::string id;
  std::string secret;

  std::string ToText() const;
};

// 6 and 32 random bytes make a token's id and its secret.
TokenText MakeToken(const std::array<uint8_t, 6>& id, const std::array<uint8_t, 32>& secret);

// Nothing if `text` is no token.
std::optional<TokenText> ParseToken(std::string_view text);

// "node", "reader", "admin".
const char* RoleName(Role role);
std::optional<Role> RoleFromName(std::string_view name);

// 32 bytes.
std::string Sha256(std::string_view bytes);

// Whether `secret` is that of the record. Takes as long whatever it differs in.
bool HasSecret(const TokenRecord& record, std::string_view secret);

bool IsExpired(const TokenRecord& record, uint64_t now_s);

// InvalidArgument names what is wrong: the id's or the hash's form, the app (CheckName, or
// kEveryApp unless the role is node), the note's size.
absl::Status CheckTokenRecord(const TokenRecord& record);

}  // namespace sessionhub

#endif  // PROTO_ACCESS_TOKEN_H_
