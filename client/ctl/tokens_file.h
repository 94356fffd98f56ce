// TokensFile: a hub's file of tokens on this machine's disk, to be looked at or changed.
#ifndef CLIENT_CTL_TOKENS_FILE_H_
#define CLIENT_CTL_TOKENS_FILE_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/access/token.h"

namespace sessionhub::ctl {

// NotFound if there is no such file; FailedPrecondition if others may read it, or if it is not
// legal; PermissionDenied if this user may not.
absl::StatusOr<std::vector<TokenRecord>> ReadTokensFile(const std::string& path);

// Reads the file (a missing one: no tokens), lets `change` change them, and puts the result in its
// place at once and durably: a hub reads the old or the new one. The file keeps its owner and gets
// mode 0600. Nothing is written if `change` gives an error, which is returned. Two changes at a
// time do not meet: the later one is Aborted. Errors also as those of ReadTokensFile.
absl::Status ChangeTokensFile(
    const std::string& path,
    const std::function<absl::Status(std::vector<TokenRecord>* tokens)>& change);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_TOKENS_FILE_H_
