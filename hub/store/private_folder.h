// PrivateFolder: how folders of ids and values are made.
#ifndef HUB_STORE_PRIVATE_FOLDER_H_
#define HUB_STORE_PRIVATE_FOLDER_H_

#include <rocksdb/env.h>

#include <string>

#include "absl/status/status.h"

namespace sessionhub::hub {

// Makes the folder `path`, which only its owner may enter, whatever the mode of the files in it is.
// One that is there stays as it is: its mode is its owner's affair, and the doctor's. Errors are
// those of FromRocks, or the system's; `doing` says what failed.
absl::Status MakePrivateFolder(const std::string& path, rocksdb::Env* env,
                               const std::string& doing);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_PRIVATE_FOLDER_H_
