#include "bench/compare/process_usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::_;

constexpr double kBurntS = 0.05;

double CpuSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void Burn(double seconds) {
  const double end = CpuSeconds() + seconds;
  while (CpuSeconds() < end) {
  }
}

// A child that has burnt some time, and waits for its end if it is to.
pid_t ForkBurner(bool waits) {
  int told[2];
  if (pipe(told) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    Burn(kBurntS);
    if (write(told[1], "x", 1) != 1) _exit(1);
    if (waits) pause();
    _exit(0);
  }
  char byte = 0;
  EXPECT_EQ(read(told[0], &byte, 1), 1);
  close(told[0]);
  close(told[1]);
  return child;
}

double CpuOf(const std::vector<pid_t>& pids) {
  const absl::StatusOr<ProcessUsage> usage = UsageOfServer(pids);
  EXPECT_OK(usage);
  return usage.ok() ? usage->cpu_s : 0;
}

TEST(ProcessUsage, CountsWhatAHelperTakesWhileItRunsAndOnceItHasEnded) {
  const double before_s = CpuOf({getpid()});
  const pid_t helper = ForkBurner(true);
  ASSERT_GT(helper, 0);
  EXPECT_GE(CpuOf({getpid(), helper}), before_s + kBurntS);
  kill(helper, SIGKILL);
  ASSERT_EQ(waitpid(helper, nullptr, 0), helper);
  // What has ended is told in ticks of a hundredth.
  EXPECT_GE(CpuOf({getpid()}), before_s + kBurntS - 0.02);
  EXPECT_GE(CpuOf({getpid(), helper}), before_s + kBurntS - 0.02) << "it was listed before its end";
}

TEST(ProcessUsage, CountsSharedMemoryOfAServerOnce) {
  std::vector<char> held(32 << 20, 'x');
  const pid_t helper = ForkBurner(true);
  ASSERT_GT(helper, 0);
  const absl::StatusOr<ProcessUsage> apart = UsageOfNodes({getpid(), helper});
  const absl::StatusOr<ProcessUsage> together = UsageOfServer({getpid(), helper});
  kill(helper, SIGKILL);
  waitpid(helper, nullptr, 0);
  ASSERT_OK(apart);
  ASSERT_OK(together);
  EXPECT_GE(together->memory_bytes, held.size());
  EXPECT_LE(together->memory_bytes + held.size() / 2, apart->memory_bytes);
}

TEST(ProcessUsage, AProcessThatHasEndedIsUnavailable) {
  const pid_t ended = ForkBurner(false);
  ASSERT_EQ(waitpid(ended, nullptr, 0), ended);
  EXPECT_THAT(UsageOfNodes({getpid(), ended}), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_THAT(UsageOfServer({ended}), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_THAT(UsageOfServer({ended, getpid()}), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_OK(UsageOfServer({}));
}

}  // namespace
}  // namespace sessionhub::bench
