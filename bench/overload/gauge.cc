#include "bench/overload/gauge.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "bench/demo/figures.h"

namespace sessionhub::bench {
namespace {

constexpr double kMebibyte = 1 << 20;

std::string ProcFile(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

// What follows `key` and a colon in a file of such lines; empty if there is none.
std::string FindLine(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t text = line.find_first_not_of(" \t", line.find(':') + 1);
    return text == std::string::npos ? "" : line.substr(text);
  }
  return "";
}

uint64_t FindNumber(const std::string& path, const std::string& key) {
  uint64_t number = 0;
  std::istringstream(FindLine(path, key)) >> number;
  return number;
}

// The 14th and 15th field of proc(5)'s stat, in clock ticks; the second may hold anything, up to
// the last parenthesis.
double FindCpuSeconds(pid_t pid) {
  std::ifstream file(ProcFile(pid, "stat"));
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  uint64_t user = 0, system = 0;
  fields >> user >> system;
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

absl::StatusOr<Gauge> ReadGauge(pid_t pid) {
  const std::string status = ProcFile(pid, "status");
  Gauge gauge;
  gauge.rss_bytes = FindNumber(status, "VmRSS") << 10;
  gauge.rss_peak_bytes = FindNumber(status, "VmHWM") << 10;
  gauge.threads = FindNumber(status, "Threads");
  gauge.cpu_s = FindCpuSeconds(pid);
  std::error_code error;
  const std::filesystem::directory_iterator descriptors(ProcFile(pid, "fd"), error);
  if (error || gauge.rss_bytes == 0) {
    return absl::UnavailableError("process " + std::to_string(pid) + " cannot be looked at");
  }
  gauge.descriptors = static_cast<uint64_t>(std::distance(begin(descriptors), end(descriptors)));
  return gauge;
}

absl::Status ResetPeak(pid_t pid) {
  std::ofstream file(ProcFile(pid, "clear_refs"));
  file << "5\n";  // proc(5): the peak of the resident set
  file.flush();
  if (file) return absl::OkStatus();
  return absl::UnavailableError("the peak of process " + std::to_string(pid) +
                                " cannot be counted anew");
}

std::string DescribeMachine() {
  utsname kernel = {};
  uname(&kernel);
  const std::string processor = FindLine("/proc/cpuinfo", "model name");
  return (processor.empty() ? std::string(kernel.machine) : processor) + ", " +
         std::to_string(std::thread::hardware_concurrency()) + " cores, " +
         std::to_string(FindNumber("/proc/meminfo", "MemTotal") >> 20) + " GiB, " + kernel.sysname +
         " " + kernel.release;
}

std::string InMebibytes(double bytes) {
  return OneDecimal(bytes / kMebibyte) + " MiB";
}

}  // namespace sessionhub::bench
