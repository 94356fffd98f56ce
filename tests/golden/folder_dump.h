// What is in a data folder, as text: a line for each record of RocksDB, with its key in hexadecimal
// and the record as Protobuf's text. Two folders with the same text hold the same.
#ifndef TESTS_GOLDEN_FOLDER_DUMP_H_
#define TESTS_GOLDEN_FOLDER_DUMP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::testing {

// The folder must not be in use; it is not changed.
absl::StatusOr<std::string> DumpFolder(const std::string& path);

// Its column families, in the order of their names.
absl::StatusOr<std::vector<std::string>> ColumnFamilies(const std::string& path);

}  // namespace sessionhub::testing

#endif  // TESTS_GOLDEN_FOLDER_DUMP_H_
