// SpaceWatch: whether the disk of the data folder has room for sessions to grow.
//
// Below `free_bytes_min` growth waits, so that what makes room (deletes, expiry, the compactions of
// the store) still has the space it needs. It goes on once a sixteenth more than that is free, or
// 64 MiB more: at the limit itself it would start and stop with every file that comes or goes.
#ifndef HUB_SPACE_WATCH_H_
#define HUB_SPACE_WATCH_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::hub {

// How many bytes are free, to be asked again and again; an error if that cannot be told.
using FreeSpace = std::function<absl::StatusOr<uint64_t>()>;

// Of the disk that holds `folder`, for whoever runs this process.
FreeSpace FreeSpaceOf(std::string folder);

// True if both folders lie on one disk, or that cannot be told.
bool OnOneDisk(const std::string& one, const std::string& other);

class SpaceWatch {
 public:
  // With `free_bytes_min` = 0 or without `free_space`, growth never waits.
  SpaceWatch(uint64_t free_bytes_min, FreeSpace free_space);

  // Another limit, from the next look on. Any thread.
  void SetFreeBytesMin(uint64_t free_bytes_min) { free_bytes_min_ = free_bytes_min; }

  // What a look has changed.
  enum class Change { kNone, kGrowthWaits, kGrowthGoesOn };
  // Looks at the disk. After an error of `free_space`, which is returned, everything is as before
  // the look. One thread calls it.
  absl::StatusOr<Change> Look();

  // As of the last look. Any thread.
  bool growth_waits() const { return growth_waits_; }
  uint64_t free_bytes() const { return free_bytes_; }
  uint64_t free_bytes_min() const { return free_bytes_min_; }

 private:
  std::atomic<uint64_t> free_bytes_min_;
  const FreeSpace free_space_;
  std::atomic<uint64_t> free_bytes_ = 0;
  std::atomic<bool> growth_waits_ = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_SPACE_WATCH_H_
