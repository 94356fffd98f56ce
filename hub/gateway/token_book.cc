#include "hub/gateway/token_book.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "proto/access/token_list.h"
#include "proto/session/error_codes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

absl::Status FileError(const std::string& doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, "cannot " + doing + " --tokens-file " + path);
}

auto StampOf(const struct stat& found) {
  return std::tuple<uint64_t, uint64_t, uint64_t, int64_t, int64_t, int64_t, int64_t>(
      found.st_dev, found.st_ino, static_cast<uint64_t>(found.st_size), found.st_mtim.tv_sec,
      found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec);
}

absl::StatusOr<std::string> ReadText(int descriptor, const std::string& path) {
  std::string text;
  std::vector<char> part(64 << 10);
  for (;;) {
    const ssize_t count = read(descriptor, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError("read", path);
    if (count == 0) return text;
    text.append(part.data(), static_cast<size_t>(count));
    if (text.size() > kTokensFileBytesMax) {
      return absl::FailedPreconditionError("--tokens-file " + path + " is over " +
                                           std::to_string(kTokensFileBytesMax) +
                                           " bytes: it is no file of tokens");
    }
  }
}

absl::Status CheckMode(const struct stat& found, const std::string& path) {
  if ((found.st_mode & 0777 & ~kTokensFileModeAtHub) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "--tokens-file " + path +
      " may be written by others than its owner, or read by everybody: chmod 600 " + path);
}

absl::Status Unauthenticated(const std::string& id, const std::string& what) {
  return ErrorStatus(CallError::kTokenRefused, "token " + id + " " + what);
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenBook>> TokenBook::Open(std::string path,
                                                           std::function<uint64_t()> now_s) {
  std::unique_ptr<TokenBook> book(new TokenBook(std::move(path), std::move(now_s)));
  RETURN_IF_ERROR(book->Reload());
  return book;
}

absl::StatusOr<TokenBook::Stamp> TokenBook::Look() const {
  struct stat found {};
  if (stat(path_.c_str(), &found) != 0) return FileError("look at", path_);
  return StampOf(found);
}

absl::StatusOr<TokenBook::Tokens> TokenBook::Read(Stamp* stamp) const {
  const int descriptor = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return FileError("open", path_);
  struct stat found {};
  absl::Status status;
  if (fstat(descriptor, &found) != 0) status = FileError("look at", path_);
  *stamp = StampOf(found);
  if (status.ok()) status = CheckMode(found, path_);
  absl::StatusOr<std::string> text =
      status.ok() ? ReadText(descriptor, path_) : absl::StatusOr<std::string>(status);
  close(descriptor);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<TokenRecord>> list = ParseTokenList(*text);
  if (!list.ok()) {
    return absl::FailedPreconditionError("--tokens-file " + path_ + ": " +
                                         std::string(list.status().message()));
  }
  Tokens tokens;
  for (TokenRecord& record : *list) {
    std::string id = record.id;
    tokens.emplace(std::move(id), std::move(record));
  }
  return tokens;
}

absl::Status TokenBook::Reload() {
  Stamp stamp;
  absl::StatusOr<Tokens> tokens = Read(&stamp);
  absl::MutexLock lock(&mutex_);
  stamp_ = stamp;
  if (!tokens.ok()) return tokens.status();
  tokens_ = *std::move(tokens);
  return absl::OkStatus();
}

absl::StatusOr<bool> TokenBook::ReloadIfChanged() {
  const absl::StatusOr<Stamp> stamp = Look();
  {
    absl::MutexLock lock(&mutex_);
    // A file that is away is told once; it comes back with another stamp.
    if (!stamp.ok() && stamp_ == Stamp()) return false;
    if (stamp.ok() && *stamp == stamp_) return false;
    if (!stamp.ok()) stamp_ = Stamp();
  }
  if (!stamp.ok()) return stamp.status();
  RETURN_IF_ERROR(Reload());
  return true;
}

absl::StatusOr<Caller> TokenBook::Find(const TokenText& token) const {
  const uint64_t now_s = now_s_();
  absl::MutexLock lock(&mutex_);
  const auto found = tokens_.find(token.id);
  if (found == tokens_.end()) return Unauthenticated(token.id, "is not known here, or is revoked");
  if (!HasSecret(found->second, token.secret)) return Unauthenticated(token.id, "is not right");
  if (IsExpired(found->second, now_s)) return Unauthenticated(token.id, "has expired");
  const TokenRecord& record = found->second;
  return Caller{record.id, record.secret_sha256, record.role, record.app};
}

absl::Status TokenBook::Check(const Caller& caller) const {
  const uint64_t now_s = now_s_();
  absl::MutexLock lock(&mutex_);
  const auto found = tokens_.find(caller.token_id);
  if (found == tokens_.end() || found->second.secret_sha256 != caller.secret_sha256) {
    return Unauthenticated(caller.token_id, "was revoked");
  }
  const TokenRecord& record = found->second;
  if (record.role != caller.role || record.app != caller.app) {
    return Unauthenticated(caller.token_id, "has another role or app by now");
  }
  if (IsExpired(record, now_s)) return Unauthenticated(caller.token_id, "has expired");
  return absl::OkStatus();
}

size_t TokenBook::size() const {
  absl::MutexLock lock(&mutex_);
  return tokens_.size();
}

}  // namespace sessionhub::hub
