#include "hub/space_watch.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr uint64_t kSlackBytesMax = 64 << 20;

}  // namespace

FreeSpace FreeSpaceOf(std::string folder) {
  return [folder = std::move(folder)]() -> absl::StatusOr<uint64_t> {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    if (!error) return space.available;
    return absl::UnavailableError("cannot tell how much space is free for " + folder + ": " +
                                  error.message());
  };
}

bool OnOneDisk(const std::string& one, const std::string& other) {
  struct stat first = {};
  struct stat second = {};
  if (stat(one.c_str(), &first) != 0 || stat(other.c_str(), &second) != 0) return true;
  return first.st_dev == second.st_dev;
}

SpaceWatch::SpaceWatch(uint64_t free_bytes_min, FreeSpace free_space)
    : free_bytes_min_(free_bytes_min), free_space_(std::move(free_space)) {}

absl::StatusOr<SpaceWatch::Change> SpaceWatch::Look() {
  if (!free_space_) return Change::kNone;
  const uint64_t free_bytes_min = free_bytes_min_;
  if (free_bytes_min == 0) {
    return growth_waits_.exchange(false) ? Change::kGrowthGoesOn : Change::kNone;
  }
  ASSIGN_OR_RETURN(const uint64_t free_bytes, free_space_());
  free_bytes_ = free_bytes;
  const uint64_t slack = growth_waits_ ? std::min(free_bytes_min / 16, kSlackBytesMax) : 0;
  const bool waits = free_bytes < free_bytes_min + slack;
  if (waits == growth_waits_.exchange(waits)) return Change::kNone;
  return waits ? Change::kGrowthWaits : Change::kGrowthGoesOn;
}

}  // namespace sessionhub::hub
