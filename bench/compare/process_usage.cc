#include "bench/compare/process_usage.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "absl/status/status.h"

namespace sessionhub::bench {
namespace {

std::string ProcPath(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

absl::Status ProcessHasEnded(pid_t pid) {
  return absl::UnavailableError("process " + std::to_string(pid) + " has ended");
}

// By its clock, which is finer than the ticks of stat.
std::optional<double> OwnCpuSeconds(pid_t pid) {
  clockid_t clock = {};
  timespec time = {};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    return std::nullopt;
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The 16th and 17th field of proc(5)'s stat, in clock ticks; the second may hold anything, up to
// the last parenthesis.
double EndedChildrenCpuSeconds(pid_t pid) {
  std::ifstream file(ProcPath(pid, "stat"));
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 16; ++field) fields >> skipped;
  int64_t user = 0, system = 0;
  fields >> user >> system;
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Of a file of lines with a key, a number and "kB"; 0 without that key.
uint64_t BytesOf(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key + ":")) continue;
    uint64_t kibibytes = 0;
    std::istringstream(line.substr(key.size() + 1)) >> kibibytes;
    return kibibytes << 10;
  }
  return 0;
}

// False if it has ended.
bool AddCpu(pid_t pid, ProcessUsage* sum) {
  const std::optional<double> own_s = OwnCpuSeconds(pid);
  if (!own_s.has_value()) return false;
  sum->cpu_s += *own_s + EndedChildrenCpuSeconds(pid);
  return true;
}

}  // namespace

absl::StatusOr<ProcessUsage> UsageOfNodes(const std::vector<pid_t>& pids) {
  ProcessUsage sum;
  for (const pid_t pid : pids) {
    const uint64_t resident = BytesOf(ProcPath(pid, "status"), "VmRSS");
    if (resident == 0 || !AddCpu(pid, &sum)) return ProcessHasEnded(pid);
    sum.memory_bytes += resident;
  }
  return sum;
}

absl::StatusOr<ProcessUsage> UsageOfServer(const std::vector<pid_t>& pids) {
  if (pids.size() <= 1) return UsageOfNodes(pids);
  ProcessUsage sum;
  for (const pid_t pid : pids) {
    if (!AddCpu(pid, &sum)) {
      if (pid == pids.front()) return ProcessHasEnded(pid);
      continue;
    }
    sum.memory_bytes += BytesOf(ProcPath(pid, "smaps_rollup"), "Pss");
  }
  return sum;
}

}  // namespace sessionhub::bench
