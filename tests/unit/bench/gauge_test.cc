#include "bench/overload/gauge.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <fstream>
#include <thread>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

Gauge Own() {
  const absl::StatusOr<Gauge> gauge = ReadGauge(getpid());
  EXPECT_OK(gauge);
  return gauge.value_or(Gauge());
}

TEST(Gauge, CountsDescriptorsAndThreads) {
  const Gauge before = Own();
  const std::ifstream file("/proc/self/status");
  ASSERT_TRUE(file.is_open());
  Gauge within;
  std::thread([&within] { within = Own(); }).join();
  EXPECT_EQ(within.descriptors, before.descriptors + 1);
  EXPECT_EQ(within.threads, before.threads + 1);
}

TEST(Gauge, ThePeakOutlivesWhatMadeItUntilItIsCountedAnew) {
  constexpr size_t kBytes = 64 << 20;
  const Gauge before = Own();
  // From the kernel and back to it, past any allocator that would keep it.
  void* const memory =
      mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 'x', kBytes);
  ASSERT_EQ(munmap(memory, kBytes), 0);
  EXPECT_GE(Own().rss_peak_bytes, before.rss_bytes + kBytes / 2);
  ASSERT_OK(ResetPeak(getpid()));
  EXPECT_LT(Own().rss_peak_bytes, before.rss_bytes + kBytes / 2);
}

TEST(Gauge, CountsProcessorTime) {
  const double before = Own().cpu_s;
  const clock_t begun = std::clock();
  while (std::clock() - begun < CLOCKS_PER_SEC / 10) continue;
  // Counted in ticks of 10 ms.
  EXPECT_GE(Own().cpu_s, before + 0.08);
  EXPECT_LT(Own().cpu_s, before + 60);
}

TEST(Gauge, ThereIsNoneOfAProcessThatIsNot) {
  EXPECT_EQ(ReadGauge(1 << 30).status().code(), absl::StatusCode::kUnavailable);
}

TEST(Gauge, TellsTheMachine) {
  EXPECT_NE(DescribeMachine().find(" cores, "), std::string::npos);
  EXPECT_EQ(InMebibytes(1572864), "1.5 MiB");
}

}  // namespace
}  // namespace sessionhub::bench
