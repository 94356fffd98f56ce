#include "bench/compare/host_port.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

TEST(HostPort, IsReadAndWritten) {
  const absl::StatusOr<HostPort> address = ParseHostPort("198.18.0.100:6379");
  ASSERT_OK(address);
  EXPECT_EQ(address->host, "198.18.0.100");
  EXPECT_EQ(address->port, 6379);
  EXPECT_EQ(FormatHostPort(*address), "198.18.0.100:6379");
}

TEST(HostPort, NamesWhatIsNone) {
  for (const char* const text : {"", "host", ":1", "host:", "host:0", "host:65536", "host:1x"}) {
    EXPECT_THAT(ParseHostPort(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  }
}

}  // namespace
}  // namespace sessionhub::bench
