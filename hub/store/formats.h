// Formats: which formats of data folders a program knows.
//
// A folder has one active format. A program opens every folder within its range, and writes only
// what the folder's active format knows, so that the release before opens it again; operators raise
// it (Store::FinalizeFormat). docs/storage.md says what a later format needs.
#ifndef HUB_STORE_FORMATS_H_
#define HUB_STORE_FORMATS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::hub {

struct Formats {
  uint32_t oldest = 1;
  uint32_t newest = 1;  // that of new folders

  friend bool operator==(const Formats&, const Formats&) = default;
};

// Those of this release.
inline constexpr Formats kFormats{1, 1};

// kFormats. A build with fail points takes the newest one from the environment variable
// SESSIONHUB_TEST_FORMAT_NEWEST, if that is set, and so stands for a later release in tests;
// InvalidArgument if that is no number from kFormats.newest on.
absl::StatusOr<Formats> FormatsOfThisProgram();

// FailedPrecondition, with the remedy, unless a program that knows `formats` opens a folder of
// `format`.
absl::Status CheckFormat(const std::string& path, uint32_t format, const Formats& formats);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_FORMATS_H_
