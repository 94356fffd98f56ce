#include "hub/store/private_folder.h"

#include <sys/stat.h>

#include <cerrno>

#include "hub/store/rocks_status.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

// RocksDB makes folders with the mode 0755. This one is empty until the mode is right, and whoever
// has opened it before may not open what is in it later.
absl::Status MakePrivateFolder(const std::string& path, rocksdb::Env* env,
                               const std::string& doing) {
  if (env->FileExists(path).ok()) return absl::OkStatus();
  RETURN_IF_ERROR(FromRocks(env->CreateDirIfMissing(path), doing));
  if (chmod(path.c_str(), S_IRWXU) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, doing);
}

}  // namespace sessionhub::hub
