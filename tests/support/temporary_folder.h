// TemporaryFolder: an empty folder that is removed, with all in it, when this object goes.
#ifndef TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace sessionhub::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}
  // In memory where the system offers that, and enough of it for tests that run side by side (a
  // container has 64 MiB, of which one log of RocksDB takes 28): for tests that sync nothing for
  // real.
  static std::filesystem::path InMemory() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code none;
    const std::filesystem::space_info space = std::filesystem::space(memory, none);
    return !none && space.available >= kMemoryBytesMin ? memory
                                                       : std::filesystem::temp_directory_path();
  }
  explicit TemporaryFolder(const std::filesystem::path& parent) {
    std::string path = parent / "sessionhub-test-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) std::abort();
    path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  static constexpr std::uintmax_t kMemoryBytesMin = 1 << 30;

  std::string path_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_TEMPORARY_FOLDER_H_
