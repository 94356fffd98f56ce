#include "hub/process_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "tests/support/sanitizers.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::StatusIs;

void SetDescriptorsMax(uint64_t descriptors_max) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = descriptors_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST(ProcessLimitsTest, TooFewFilesAreToldWithTheRemedy) {
  const uint64_t before = DescriptorsMax();
  SetDescriptorsMax(100 + kConnectionsMin);
  EXPECT_OK(CheckDescriptors(100));
  EXPECT_THAT(CheckDescriptors(101),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("may open 164 files"), HasSubstr("needs 165"),
                             HasSubstr("ulimit -n"))));
  SetDescriptorsMax(before);
}

TEST(ProcessLimitsTest, AsManyFilesAsMayBe) {
  const uint64_t before = DescriptorsMax();
  SetDescriptorsMax(before / 2);
  const uint64_t raised = RaiseDescriptorsMax();
  EXPECT_GE(raised, before);
  EXPECT_EQ(raised, DescriptorsMax());
  SetDescriptorsMax(before);
}

TEST(ProcessLimitsDeathTest, NoMemoryIsSaidWithTheRemedy) {
  if (testing::kSanitized) GTEST_SKIP() << "a sanitizer's allocator says it in its own words";
  const auto exhaust = [] {
    StopWithoutMemory();
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_AS, &limit);
    void* volatile memory = ::operator new(64 << 20);
    ::operator delete(memory);
  };
  EXPECT_EXIT(exhaust(), ::testing::ExitedWithCode(EXIT_FAILURE),
              "event=out_of_memory.*remedy=.*--block-cache-bytes");
}

}  // namespace
}  // namespace sessionhub::hub
