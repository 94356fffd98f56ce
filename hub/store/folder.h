// Folder: what a data folder is before and around RocksDB: its FORMAT file, its creation and the
// checks that tell a data folder from anything else.
//
// FORMAT is written last, when everything else of a new folder is durable. A folder that is cut off
// while it is created has no FORMAT, and the next start goes on creating it.
#ifndef HUB_STORE_FOLDER_H_
#define HUB_STORE_FOLDER_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::hub {

// The newest format that this program reads, and the one that it writes.
inline constexpr uint32_t kFolderFormat = 1;

class Folder {
 public:
  // Makes the folder if it is missing, durably, and reads its FORMAT. Errors as RocksStore::Open.
  static absl::StatusOr<Folder> Prepare(const std::string& path, rocksdb::Env* env);

  // True until FORMAT is there.
  bool is_new() const { return is_new_; }
  const std::string& path() const { return path_; }
  std::string db_path() const { return path_ + "/db"; }

  // Writes FORMAT, durably.
  absl::Status FinishCreation();

 private:
  Folder(std::string path, rocksdb::Env* env) : path_(std::move(path)), env_(env) {}

  std::string format_path() const { return path_ + "/FORMAT"; }
  std::string draft_path() const { return path_ + "/FORMAT.new"; }
  absl::Status MakeDirectories();
  absl::Status CheckFormat();
  absl::Status CheckNothingForeign() const;
  absl::Status WriteDraft() const;
  absl::Status BeginCreation();
  absl::Status SyncDirectory(const std::string& path) const;

  std::string path_;
  rocksdb::Env* env_;  // not owned
  bool is_new_ = true;
};

// FailedPrecondition unless this program reads `format`.
absl::Status CheckFolderFormat(const std::string& path, uint32_t format);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_FOLDER_H_
