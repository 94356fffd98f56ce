// TokenList: the text of a hub's file of tokens, which `sessionhubctl tokens` writes and a hub
// reads. Pure; each side opens the file by itself.
//
// A line of JSON for each token, after a first one that names the format:
//
//   {"sessionhub_tokens":1}
//   {"id":"0123456789ab","sha256":"…","app":"shop","role":"node","created":1796112000,
//    "expires":1798704000,"note":"web servers"}        (in one line)
//
// Times are Unix seconds; expires and note may be missing.
#ifndef PROTO_ACCESS_TOKEN_LIST_H_
#define PROTO_ACCESS_TOKEN_LIST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/access/token.h"

namespace sessionhub {

inline constexpr size_t kTokensMax = 10'000;
// More than kTokensMax records of the greatest size take.
inline constexpr size_t kTokensFileBytesMax = 32 << 20;

// The file has these permissions or fewer: whoever writes it grants access to every session.
inline constexpr unsigned kTokensFileMode = 0600;
// A hub takes these as well, which files of a Kubernetes secret have: whoever reads it learns no
// token, as it holds hashes.
inline constexpr unsigned kTokensFileModeAtHub = 0640;

// Reads the whole text. InvalidArgument names the line and what is wrong with it: JSON that does
// not parse, a record that CheckTokenRecord refuses, an id that comes twice, one past kTokensMax.
absl::StatusOr<std::vector<TokenRecord>> ParseTokenList(std::string_view text);

// The inverse.
std::string FormatTokenList(const std::vector<TokenRecord>& tokens);

}  // namespace sessionhub

#endif  // PROTO_ACCESS_TOKEN_LIST_H_
