#include "hub/process_limits.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>

namespace sessionhub::hub {
namespace {

const char kNoMemory[] =
    "event=out_of_memory action=stop remedy=\"let this process have more memory (ulimit -v, or "
    "systemd's MemoryMax), or lower --block-cache-bytes; then start again\"\n";

// Called where nothing can be allocated, so not by glog.
[[noreturn]] void SayNoMemory() {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kNoMemory, sizeof(kNoMemory) - 1);
  std::_Exit(EXIT_FAILURE);
}

// Whoever has less than this is out of memory: a log buffer of the store is as large.
constexpr size_t kLittleBytes = 64 << 20;

// What each signal led to before.
struct sigaction abort_before = {};
struct sigaction fault_before = {};

// Libraries in C abort where their allocation fails, or use what they did not get, and say nothing.
// What ends a process that has memory goes on as if this were not here.
void TellWhyItEnds(int signal) {
  void* const some = mmap(nullptr, kLittleBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (some == MAP_FAILED) SayNoMemory();
  munmap(some, kLittleBytes);
  sigaction(signal, signal == SIGABRT ? &abort_before : &fault_before, nullptr);
  raise(signal);  // arrives as this returns
}

}  // namespace

uint64_t DescriptorsMax() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

uint64_t RaiseDescriptorsMax() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return DescriptorsMax();
}

absl::Status CheckDescriptors(uint64_t kept) {
  const uint64_t needed = kept + kConnectionsMin;
  if (DescriptorsMax() >= needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "this process may open " + std::to_string(DescriptorsMax()) + " files, and a hub needs " +
      std::to_string(needed) + ", and one more for each connection beyond " +
      std::to_string(kConnectionsMin) + ": raise its limit (ulimit -n, or systemd's LimitNOFILE)");
}

void StopWithoutMemory() {
  std::set_new_handler(SayNoMemory);
  struct sigaction tell = {};
  tell.sa_handler = TellWhyItEnds;
  sigaction(SIGABRT, &tell, &abort_before);
  sigaction(SIGSEGV, &tell, &fault_before);
}

void ShareHeaps() {
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, static_cast<int>(std::max(2u, std::thread::hardware_concurrency())));
#endif
}

}  // namespace sessionhub::hub
