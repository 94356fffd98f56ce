#include "hub/metrics/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "hub/process_limits.h"

namespace sessionhub::hub {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

uint64_t ResidentBytes() {
  std::ifstream pages("/proc/self/statm");
  uint64_t all = 0;
  uint64_t resident = 0;
  pages >> all >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t OpenFiles() {
  std::error_code error;
  uint64_t count = 0;
  std::filesystem::directory_iterator file("/proc/self/fd", error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) ++count;
  return count > 0 ? count - 1 : 0;  // one of them is this look
}

}  // namespace

ProcessFigures ReadProcessFigures() {
  ProcessFigures figures;
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    figures.cpu_seconds = SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
  }
  figures.resident_bytes = ResidentBytes();
  figures.open_files = OpenFiles();
  figures.open_files_max = DescriptorsMax();
  return figures;
}

}  // namespace sessionhub::hub
