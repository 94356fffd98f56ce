// append: what the disk takes for the least that makes anything durable.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>

#include "bench/limits/limit_measures.h"
#include "bench/limits/meter.h"

namespace sessionhub::bench {
namespace {

// Bounds what a long measurement leaves on the disk until its end.
constexpr uint64_t kAppendedBytesMax = 1 << 30;

absl::Status AppendFailed(const std::string& doing) {
  return absl::UnavailableError("cannot " + doing + " the file: " + strerror(errno));
}

absl::Status AppendOne(int file, const std::string& bytes) {
  if (write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    return AppendFailed("append to");
  }
  return fdatasync(file) == 0 ? absl::OkStatus() : AppendFailed("sync");
}

absl::Status AppendFor(int file, const std::string& bytes, Meter* meter) {
  auto begun = std::chrono::steady_clock::now();
  while (!meter->Over(begun)) {
    if (absl::Status status = AppendOne(file, bytes); !status.ok()) return status;
    const auto now = std::chrono::steady_clock::now();
    meter->Add(begun, now);
    begun = now;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureAppend(const LimitScene& scene) {
  const std::string bytes(scene.options().append_bytes, 'x');
  LimitRow row{"append of " + std::to_string(bytes.size()) + " bytes and fdatasync",
               Survival::kAcked};
  scene.Progress(row.name);
  const std::string path = scene.folder() + "/appended";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return AppendFailed("make");
  Meter meter(Stretch::FromNow(scene.options().seconds),
              std::min<uint64_t>(Meter::kTotalMax, kAppendedBytesMax / bytes.size()));
  const absl::Status status = AppendFor(file, bytes, &meter);
  close(file);
  if (!status.ok()) return status;
  meter.FillIn(&row);
  scene.Tell("fdatasync", row);
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
