#include "hub/store/folder.h"

#include <charconv>
#include <set>
#include <utility>
#include <vector>

#include "hub/fail_point.h"
#include "hub/store/private_folder.h"
#include "hub/store/rocks_status.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

const char kFormatHead[] = "sessionhub data folder, format ";
const char kFormatBeside[] = "FORMAT.tmp";

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

absl::StatusOr<Folder> Folder::Prepare(const std::string& path, rocksdb::Env* env,
                                       const Formats& formats) {
  if (path.empty()) {
    return absl::FailedPreconditionError("the data folder has no name: give a path");
  }
  Folder folder(WithoutTrailingSlashes(path), env, formats);
  RETURN_IF_ERROR(folder.MakeDirectories());
  RETURN_IF_ERROR(folder.ReadFormat());
  // A process that has ended may have left FORMAT's entry unsynced.
  if (!folder.is_new_) {
    RETURN_IF_ERROR(folder.SyncDirectory(folder.path_));
    return folder;
  }
  RETURN_IF_ERROR(folder.CheckNotRestoring());
  RETURN_IF_ERROR(folder.CheckNothingForeign());
  RETURN_IF_ERROR(folder.BeginCreation());
  return folder;
}

absl::StatusOr<Folder> Folder::Find(const std::string& path, rocksdb::Env* env,
                                    const Formats& formats) {
  Folder folder(WithoutTrailingSlashes(path), env, formats);
  if (path.empty() || !env->FileExists(folder.path_).ok()) {
    return absl::NotFoundError("there is no folder " + path + ": give the --data-dir of the hub");
  }
  RETURN_IF_ERROR(folder.ReadFormat());
  if (!folder.is_new_) return folder;
  RETURN_IF_ERROR(folder.CheckNotRestoring());
  if (env->FileExists(folder.draft_path()).ok()) {
    return absl::FailedPreconditionError(
        "folder " + folder.path_ +
        " is a data folder whose creation was broken off, and holds nothing yet: start a hub on "
        "it, or remove it");
  }
  if (env->FileExists(folder.db_path()).ok()) {
    return absl::DataLossError(folder.format_path() + " is missing although " + folder.db_path() +
                               " is there: restore the folder from a backup");
  }
  return absl::FailedPreconditionError("folder " + folder.path_ +
                                       " is no data folder: it has no FORMAT");
}

absl::StatusOr<Folder> Folder::BeginRestore(const std::string& path, rocksdb::Env* env,
                                            const Formats& formats) {
  if (path.empty()) {
    return absl::FailedPreconditionError("the folder to restore into has no name: give a path");
  }
  Folder folder(WithoutTrailingSlashes(path), env, formats);
  RETURN_IF_ERROR(folder.MakeDirectories());
  RETURN_IF_ERROR(folder.ClearForRestore());
  RETURN_IF_ERROR(folder.SyncParent());
  const std::string doing = "cannot write " + folder.mark_path();
  const std::string text = "a backup is being restored into this folder\n";
  RETURN_IF_ERROR(
      FromRocks(rocksdb::WriteStringToFile(env, text, folder.mark_path(), true), doing));
  RETURN_IF_ERROR(folder.SyncDirectory(folder.path_));
  return folder;
}

absl::StatusOr<Folder> Folder::FindRestored(const std::string& path, rocksdb::Env* env,
                                            const Formats& formats) {
  Folder folder(WithoutTrailingSlashes(path), env, formats);
  if (!env->FileExists(folder.mark_path()).ok() || env->FileExists(folder.format_path()).ok() ||
      !env->FileExists(folder.db_path() + "/CURRENT").ok()) {
    return absl::FailedPreconditionError("folder " + path + " holds no backup that was restored");
  }
  // The entry of the copy, before FORMAT says that it is there.
  RETURN_IF_ERROR(folder.SyncDirectory(folder.path_));
  folder.is_restored_ = true;
  return folder;
}

absl::Status Folder::CheckNoDataYet() const {
  if (!env_->FileExists(format_path()).ok()) return absl::OkStatus();
  return absl::FailedPreconditionError("folder " + path_ +
                                       " has become a data folder meanwhile: a backup is restored "
                                       "into an empty or a missing folder only");
}

absl::Status Folder::CheckNotRestoring() const {
  if (!env_->FileExists(mark_path()).ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "folder " + path_ +
      " holds a restore that was broken off, and no data folder: restore the backup once more, "
      "or remove what is in the folder");
}

// The folder is as good as empty afterwards. Nothing is removed without the mark.
absl::Status Folder::ClearForRestore() {
  std::vector<std::string> children;
  const std::string doing = "cannot read folder " + path_;
  RETURN_IF_ERROR(FromRocks(env_->GetChildren(path_, &children), doing));
  const bool broken_off =
      env_->FileExists(mark_path()).ok() && !env_->FileExists(format_path()).ok();
  std::set<std::string> harmless = {".", "..", "lost+found"};
  if (broken_off) harmless.insert({"db", "RESTORING", "FORMAT.new", kFormatBeside});
  for (const std::string& child : children) {
    if (harmless.count(child) > 0) continue;
    return absl::FailedPreconditionError(
        "folder " + path_ + " is not empty (" + child +
        "): a backup is restored into an empty or a missing folder only, never over data");
  }
  if (!broken_off) return absl::OkStatus();
  // The copying empties db_path by itself.
  for (const std::string& draft : {draft_path(), path_ + "/" + kFormatBeside}) {
    if (!env_->FileExists(draft).ok()) continue;
    RETURN_IF_ERROR(FromRocks(env_->DeleteFile(draft), "cannot remove " + draft));
  }
  return absl::OkStatus();
}

absl::Status Folder::MakeDirectories() {
  if (env_->FileExists(path_).ok()) {
    bool is_folder = false;
    if (env_->IsDirectory(path_, &is_folder).ok() && !is_folder) {
      return absl::FailedPreconditionError("data folder " + path_ +
                                           " is a file, not a folder: choose another path");
    }
    return absl::OkStatus();
  }
  if (!env_->FileExists(ParentOf(path_)).ok()) {
    return absl::FailedPreconditionError("data folder " + path_ + " cannot be made, since " +
                                         ParentOf(path_) + " does not exist: make that first");
  }
  return MakePrivateFolder(path_, env_, "cannot create data folder " + path_);
}

absl::Status Folder::ReadFormat() {
  const rocksdb::Status exists = env_->FileExists(format_path());
  if (exists.IsNotFound()) return absl::OkStatus();
  std::string text;
  const std::string doing = "cannot read " + format_path();
  RETURN_IF_ERROR(FromRocks(rocksdb::ReadFileToString(env_, format_path(), &text), doing));
  const std::string head = kFormatHead;
  uint32_t format = 0;
  const char* const end = text.data() + text.size();
  if (text.compare(0, head.size(), head) != 0 ||
      std::from_chars(text.data() + head.size(), end, format).ec != std::errc() || format == 0) {
    return absl::DataLossError(format_path() + " is damaged: it should read \"" + head +
                               std::to_string(formats_.newest) + "\"; restore it from a backup");
  }
  RETURN_IF_ERROR(CheckFormat(path_, format, formats_));
  if (!env_->FileExists(db_path() + "/CURRENT").ok()) {
    return absl::DataLossError(db_path() + "/CURRENT is missing although " + format_path() +
                               " is there: restore the folder from a backup");
  }
  format_ = format;
  is_new_ = false;
  return absl::OkStatus();
}

// FORMAT is there, so the draft is not needed; left, it would make a folder that loses its FORMAT
// look like one that is being created.
absl::Status Folder::Recheck() {
  if (is_new_) return absl::OkStatus();
  RETURN_IF_ERROR(ReadFormat());
  bool removed = false;
  for (const std::string& left : {draft_path(), mark_path()}) {
    if (!env_->FileExists(left).ok()) continue;
    RETURN_IF_ERROR(FromRocks(env_->DeleteFile(left), "cannot remove " + left));
    removed = true;
  }
  return removed ? SyncDirectory(path_) : absl::OkStatus();
}

absl::Status Folder::CheckNothingForeign() const {
  std::vector<std::string> children;
  const std::string doing = "cannot read data folder " + path_;
  RETURN_IF_ERROR(FromRocks(env_->GetChildren(path_, &children), doing));
  const std::set<std::string> ours = {
      ".", "..", "db", "FORMAT.new", kFormatBeside, "lost+found", "id-hash-key", "id-hash-key.new"};
  for (const std::string& child : children) {
    if (ours.count(child) > 0) continue;
    return absl::FailedPreconditionError("folder " + path_ + " is no data folder and not empty (" +
                                         child + "): choose an empty or a missing folder");
  }
  return absl::OkStatus();
}

// Written beside the draft and then put over it: a write that fails must not take away the draft
// that is there.
absl::Status Folder::WriteDraft(uint32_t format) const {
  const std::string text = kFormatHead + std::to_string(format) + "\n";
  const std::string beside = path_ + "/" + kFormatBeside;
  const std::string doing = "cannot write " + beside;
  RETURN_IF_ERROR(FromRocks(rocksdb::WriteStringToFile(env_, text, beside, true), doing));
  return FromRocks(env_->RenameFile(beside, draft_path()), "cannot write " + draft_path());
}

// Whether or not this process has made the folder: one that has ended may have made it and not come
// as far as this. A parent that may not be read is none in which a hub has made a folder.
absl::Status Folder::SyncParent() const {
  const absl::Status status = SyncDirectory(ParentOf(path_));
  return absl::IsPermissionDenied(status) ? absl::OkStatus() : status;
}

// The draft is there from before the database until the end of the creation. So a database with
// neither it nor FORMAT is one that has lost its FORMAT, and perhaps more.
absl::Status Folder::BeginCreation() {
  const std::string doing = "cannot create data folder " + path_;
  if (env_->FileExists(db_path()).ok() && !env_->FileExists(draft_path()).ok()) {
    return absl::DataLossError(format_path() + " is missing although " + db_path() +
                               " is there: restore the folder from a backup");
  }
  RETURN_IF_ERROR(SyncParent());
  RETURN_IF_ERROR(WriteDraft(format_));
  RETURN_IF_ERROR(SyncDirectory(path_));
  RETURN_IF_ERROR(FromRocks(env_->CreateDirIfMissing(db_path()), doing));
  return SyncDirectory(path_);
}

absl::Status Folder::WriteFormat(uint32_t format) {
  const std::string doing = "cannot write " + format_path();
  RETURN_IF_ERROR(WriteDraft(format));
  FAIL_POINT("finalize.draft");
  RETURN_IF_ERROR(FromRocks(env_->RenameFile(draft_path(), format_path()), doing));
  RETURN_IF_ERROR(SyncDirectory(path_));
  format_ = format;
  is_new_ = false;
  return absl::OkStatus();
}

absl::Status Folder::SyncDirectory(const std::string& path) const {
  const std::string doing = "cannot sync folder " + path;
  std::unique_ptr<rocksdb::Directory> directory;
  RETURN_IF_ERROR(FromRocks(env_->NewDirectory(path, &directory), doing));
  return FromRocks(directory->Fsync(), doing);
}

}  // namespace sessionhub::hub
