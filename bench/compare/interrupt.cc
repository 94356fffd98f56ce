#include "bench/compare/interrupt.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace sessionhub::bench {
namespace {

// A second signal within so long is the same one: some send it to a process and to its group.
constexpr time_t kSameS = 2;
constexpr int kInterruptedExitCode = 130;

std::atomic<time_t> first_at_s = 0;  // 0: there was none
static_assert(std::atomic<time_t>::is_always_lock_free, "a signal handler sets it");

void Note(int /*signal*/) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  time_t none = 0;
  if (first_at_s.compare_exchange_strong(none, now.tv_sec + 1)) return;
  if (now.tv_sec + 1 - first_at_s > kSameS) _exit(kInterruptedExitCode);
}

}  // namespace

void NoteInterrupts() {
  struct sigaction action = {};
  action.sa_handler = Note;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
}

bool Interrupted() {
  return first_at_s != 0;
}

}  // namespace sessionhub::bench
