#include "bench/limits/redis_link.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

TEST(RedisLink, ToNobodyIsUnavailable) {
  EXPECT_EQ(RedisLink::Connect("127.0.0.1", 0).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace sessionhub::bench
