#include "hub/store/folder.h"

#include <charconv>
#include <set>
#include <utility>
#include <vector>

#include "hub/store/rocks_status.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

const char kFormatHead[] = "sessionhub data folder, format ";

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

absl::Status CheckFolderFormat(const std::string& path, uint32_t format) {
  if (format <= kFolderFormat) return absl::OkStatus();
  return absl::FailedPreconditionError("data folder " + path + " has format " +
                                       std::to_string(format) + ", this sessionhubd reads up to " +
                                       std::to_string(kFolderFormat) + ": use a newer sessionhubd");
}

absl::StatusOr<Folder> Folder::Prepare(const std::string& path, rocksdb::Env* env) {
  if (path.empty()) {
    return absl::FailedPreconditionError("the data folder has no name: give a path");
  }
  Folder folder(WithoutTrailingSlashes(path), env);
  RETURN_IF_ERROR(folder.MakeDirectories());
  RETURN_IF_ERROR(folder.CheckFormat());
  if (!folder.is_new_) return folder;
  RETURN_IF_ERROR(folder.CheckNothingForeign());
  RETURN_IF_ERROR(folder.BeginCreation());
  return folder;
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
  const std::string doing = "cannot create data folder " + path_;
  RETURN_IF_ERROR(FromRocks(env_->CreateDirIfMissing(path_), doing));
  return SyncDirectory(ParentOf(path_));
}

absl::Status Folder::CheckFormat() {
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
                               std::to_string(kFolderFormat) + "\"; restore it from a backup");
  }
  RETURN_IF_ERROR(CheckFolderFormat(path_, format));
  if (!env_->FileExists(db_path() + "/CURRENT").ok()) {
    return absl::DataLossError(db_path() + "/CURRENT is missing although " + format_path() +
                               " is there: restore the folder from a backup");
  }
  is_new_ = false;
  return absl::OkStatus();
}

absl::Status Folder::CheckNothingForeign() const {
  std::vector<std::string> children;
  const std::string doing = "cannot read data folder " + path_;
  RETURN_IF_ERROR(FromRocks(env_->GetChildren(path_, &children), doing));
  const std::set<std::string> ours = {".", "..", "db", "FORMAT.new", "lost+found"};
  for (const std::string& child : children) {
    if (ours.count(child) > 0) continue;
    return absl::FailedPreconditionError("folder " + path_ + " is no data folder and not empty (" +
                                         child + "): choose an empty or a missing folder");
  }
  return absl::OkStatus();
}

absl::Status Folder::WriteDraft() const {
  const std::string text = kFormatHead + std::to_string(kFolderFormat) + "\n";
  return FromRocks(rocksdb::WriteStringToFile(env_, text, draft_path(), true),
                   "cannot write " + draft_path());
}

// The draft is there from before the database until the end of the creation. So a database with
// neither it nor FORMAT is one that has lost its FORMAT, and perhaps more.
absl::Status Folder::BeginCreation() {
  const std::string doing = "cannot create data folder " + path_;
  if (env_->FileExists(db_path()).ok() && !env_->FileExists(draft_path()).ok()) {
    return absl::DataLossError(format_path() + " is missing although " + db_path() +
                               " is there: restore the folder from a backup");
  }
  RETURN_IF_ERROR(WriteDraft());
  RETURN_IF_ERROR(SyncDirectory(path_));
  RETURN_IF_ERROR(FromRocks(env_->CreateDirIfMissing(db_path()), doing));
  return SyncDirectory(path_);
}

absl::Status Folder::FinishCreation() {
  const std::string doing = "cannot write " + format_path();
  RETURN_IF_ERROR(WriteDraft());
  RETURN_IF_ERROR(FromRocks(env_->RenameFile(draft_path(), format_path()), doing));
  RETURN_IF_ERROR(SyncDirectory(path_));
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
