#include "client/ctl/tokens_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "proto/access/token_list.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

absl::Status SystemError(const std::string& doing) {
  return absl::ErrnoToStatus(errno, doing);
}

// Closes the file when it goes.
class OpenedFile {
 public:
  explicit OpenedFile(int descriptor) : descriptor_(descriptor) {}
  ~OpenedFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenedFile(const OpenedFile&) = delete;
  OpenedFile& operator=(const OpenedFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

struct ReadTokens {
  std::vector<TokenRecord> tokens;
  struct stat found {};
};

absl::StatusOr<std::string> ReadWhole(const std::string& path, int descriptor) {
  std::string text;
  char part[64 << 10];
  for (;;) {
    const ssize_t count = read(descriptor, part, sizeof(part));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot read " + path);
    if (count == 0) return text;
    text.append(part, static_cast<size_t>(count));
    if (text.size() > kTokensFileBytesMax) {
      return absl::FailedPreconditionError(path + " is over " +
                                           std::to_string(kTokensFileBytesMax) +
                                           " bytes: it is no file of tokens");
    }
  }
}

absl::StatusOr<ReadTokens> ReadExisting(const std::string& path) {
  const OpenedFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.descriptor() < 0) return SystemError("cannot open " + path);
  ReadTokens read;
  if (fstat(file.descriptor(), &read.found) != 0) return SystemError("cannot look at " + path);
  if ((read.found.st_mode & 0777 & ~kTokensFileMode) != 0) {
    return absl::FailedPreconditionError(path + " may be read by others: chmod 600 " + path);
  }
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(path, file.descriptor()));
  absl::StatusOr<std::vector<TokenRecord>> tokens = ParseTokenList(text);
  if (!tokens.ok()) {
    return absl::FailedPreconditionError(path + ": " + std::string(tokens.status().message()));
  }
  read.tokens = *std::move(tokens);
  return read;
}

absl::Status WriteWhole(const std::string& path, int descriptor, const std::string& text) {
  for (size_t written = 0; written < text.size();) {
    const ssize_t count = write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot write " + path);
    written += static_cast<size_t>(count);
  }
  if (fsync(descriptor) != 0) return SystemError("cannot sync " + path);
  return absl::OkStatus();
}

// A file that root has changed for the hub's user must stay that user's.
absl::Status KeepOwner(const std::string& path, int descriptor, const struct stat& before) {
  struct stat now {};
  if (fstat(descriptor, &now) != 0) return SystemError("cannot look at " + path);
  if (now.st_uid == before.st_uid && now.st_gid == before.st_gid) return absl::OkStatus();
  if (fchown(descriptor, before.st_uid, before.st_gid) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(path + " belongs to another user: run this as its owner");
}

absl::Status SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const OpenedFile opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.descriptor() < 0 || fsync(opened.descriptor()) != 0) {
    return SystemError("cannot sync folder " + folder);
  }
  return absl::OkStatus();
}

absl::Status ChangeInto(const std::string& path, const std::string& beside, int descriptor,
                        const std::function<absl::Status(std::vector<TokenRecord>*)>& change) {
  absl::StatusOr<ReadTokens> before = ReadExisting(path);
  const bool exists = !absl::IsNotFound(before.status());
  if (exists && !before.ok()) return before.status();
  std::vector<TokenRecord> tokens;
  if (exists) tokens = std::move(before->tokens);
  RETURN_IF_ERROR(change(&tokens));
  const std::string text = FormatTokenList(tokens);
  // What is written must be what a hub takes.
  RETURN_IF_ERROR(ParseTokenList(text).status());
  if (exists) {
    RETURN_IF_ERROR(KeepOwner(path, descriptor, before->found));
  }
  RETURN_IF_ERROR(WriteWhole(beside, descriptor, text));
  if (rename(beside.c_str(), path.c_str()) != 0) return SystemError("cannot write " + path);
  return SyncFolderOf(path);
}

}  // namespace

absl::StatusOr<std::vector<TokenRecord>> ReadTokensFile(const std::string& path) {
  ASSIGN_OR_RETURN(ReadTokens read, ReadExisting(path));
  return std::move(read.tokens);
}

// The file beside it is the lock, too: who has made it is the one who changes.
absl::Status ChangeTokensFile(
    const std::string& path,
    const std::function<absl::Status(std::vector<TokenRecord>* tokens)>& change) {
  const std::string beside = path + ".new";
  const OpenedFile file(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.descriptor() < 0 && errno == EEXIST) {
    return absl::AbortedError(beside +
                              " is there: another sessionhubctl changes the tokens. If none runs, "
                              "one was killed: remove that file");
  }
  if (file.descriptor() < 0) return SystemError("cannot make " + beside);
  absl::Status status = ChangeInto(path, beside, file.descriptor(), change);
  if (!status.ok()) unlink(beside.c_str());
  return status;
}

}  // namespace sessionhub::ctl
