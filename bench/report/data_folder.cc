#include "bench/report/data_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

namespace sessionhub::bench {
namespace {

constexpr std::chrono::seconds kLogMax{120};
constexpr std::chrono::milliseconds kLogPause{1};

}  // namespace

uint64_t LogBytes(const std::string& folder) {
  uint64_t sum = 0;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    if (file.path().extension() != ".log") continue;
    const uint64_t bytes = file.file_size(error);
    if (!error) sum += bytes;  // else it was removed just now
  }
  return sum;
}

absl::StatusOr<uint64_t> AwaitLogBytes(const std::string& folder, uint64_t least, uint64_t most) {
  const auto deadline = std::chrono::steady_clock::now() + kLogMax;
  while (std::chrono::steady_clock::now() < deadline) {
    const uint64_t bytes = LogBytes(folder);
    if (bytes >= least && bytes <= most) return bytes;
    std::this_thread::sleep_for(kLogPause);
  }
  return absl::DeadlineExceededError("the logs in " + folder + " did not come to " +
                                     std::to_string(least) + " bytes in " +
                                     std::to_string(kLogMax.count()) + " s");
}

absl::Status ForgetPages(const std::string& folder) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator file(folder, error);
  for (; !error && file != end(file); file.increment(error)) {
    if (!file->is_regular_file()) continue;
    const int descriptor = open(file->path().c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) continue;  // the hub has removed it meanwhile
    if (descriptor < 0) return absl::UnavailableError("cannot open " + file->path().string());
    fdatasync(descriptor);  // what is not on the disk stays in memory
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    close(descriptor);
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError("cannot list " + folder + ": " + error.message());
}

}  // namespace sessionhub::bench
