// TokenBook: the tokens that this hub lets in, as its file says.
#ifndef HUB_GATEWAY_TOKEN_BOOK_H_
#define HUB_GATEWAY_TOKEN_BOOK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/gateway/permissions.h"
#include "proto/access/token.h"

namespace sessionhub::hub {

// Safe from any thread.
class TokenBook {
 public:
  // `now_s` is Unix time by the machine's clock. FailedPrecondition if others may read the file or
  // it is not legal, else what the system says; the message names the file and what to do.
  static absl::StatusOr<std::unique_ptr<TokenBook>> Open(std::string path,
                                                         std::function<uint64_t()> now_s);

  // Reads the file again. On an error the tokens stay as they were: a file that is damaged shuts
  // nobody out, and lets nobody else in.
  absl::Status Reload() ABSL_LOCKS_EXCLUDED(mutex_);
  // The same if the file is another one than was read, or written since. True if it was read.
  absl::StatusOr<bool> ReloadIfChanged() ABSL_LOCKS_EXCLUDED(mutex_);

  // Whose token this is. Unauthenticated, without a part of the token but its id, if it is none, is
  // not known (any more), or has expired.
  absl::StatusOr<Caller> Find(const TokenText& token) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Why a caller that was let in is not any more; OK if it still is.
  absl::Status Check(const Caller& caller) const ABSL_LOCKS_EXCLUDED(mutex_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Tokens = absl::flat_hash_map<std::string, TokenRecord>;  // by id
  // What tells one state of a file from another: device, inode, size, and when it was written.
  using Stamp = std::tuple<uint64_t, uint64_t, uint64_t, int64_t, int64_t, int64_t, int64_t>;

  TokenBook(std::string path, std::function<uint64_t()> now_s)
      : path_(std::move(path)), now_s_(std::move(now_s)) {}

  absl::StatusOr<Stamp> Look() const;
  absl::StatusOr<Tokens> Read(Stamp* stamp) const;

  const std::string path_;
  const std::function<uint64_t()> now_s_;
  mutable absl::Mutex mutex_;
  Tokens tokens_ ABSL_GUARDED_BY(mutex_);
  Stamp stamp_ ABSL_GUARDED_BY(mutex_);  // of the last file that was looked at, legal or not
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_TOKEN_BOOK_H_
