#include "hub/store/rocks_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using absl::StatusCode;
using rocksdb::Status;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::StatusIs;

// Each says what was done, and what to do.
TEST(RocksStatusTest, TellsTheCauseAndTheRemedy) {
  EXPECT_OK(FromRocks(Status::OK(), "open /d"));
  EXPECT_THAT(FromRocks(Status::IOError("While lock file: /d/db/LOCK", "busy"), "open /d"),
              StatusIs(StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("open /d"), HasSubstr("stop that one"))));
  EXPECT_THAT(
      FromRocks(Status::IOError("While open a file: /d/db/1.sst", "Permission denied"), "open /d"),
      StatusIs(StatusCode::kPermissionDenied,
               AllOf(HasSubstr("open /d"), HasSubstr("give this user"))));
  EXPECT_THAT(FromRocks(Status::NoSpace("no room"), "write to /d"),
              StatusIs(StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("write to /d"), HasSubstr("free space"))));
  EXPECT_THAT(FromRocks(Status::IOError("While open a file: /d/1.log", "Too many open files"),
                        "write to /d"),
              StatusIs(StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("write to /d"), HasSubstr("ulimit -n"))));
  EXPECT_THAT(FromRocks(Status::Corruption("bad checksum"), "read /d"),
              StatusIs(StatusCode::kDataLoss, AllOf(HasSubstr("read /d"), HasSubstr("backup"))));
  EXPECT_THAT(FromRocks(Status::IOError("something else"), "read /d"),
              StatusIs(StatusCode::kInternal, HasSubstr("something else")));
}

}  // namespace
}  // namespace sessionhub::hub
