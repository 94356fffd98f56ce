#include "client/ctl/printable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace sessionhub::ctl {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

TEST(EscapeIdTest, LeavesPrintableAscii) {
  EXPECT_EQ(EscapeId("aZ09-_~!"), "aZ09-_~!");
}

TEST(EscapeIdTest, EscapesEverythingElse) {
  EXPECT_EQ(EscapeId(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(EscapeId("a b\\\n\x7f\xff"), "a\\x20b\\\\\\x0a\\x7f\\xff");
}

TEST(EscapeIdTest, EveryByteComesBack) {
  std::string id;
  for (int byte = 0; byte < 256; ++byte) id += static_cast<char>(byte);
  absl::StatusOr<std::string> back = UnescapeId(EscapeId(id));
  ASSERT_OK(back);
  EXPECT_EQ(*back, id);
}

TEST(UnescapeIdTest, RefusesWhatIsNoEscape) {
  for (const char* text : {"", "a\\", "a\\q", "a\\x", "a\\x1", "a\\xg0", "\\x0g"}) {
    EXPECT_THAT(UnescapeId(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(" id ")))
        << text;
  }
}

TEST(ShownIdTest, ShowsSixBytesUnlessTold) {
  EXPECT_EQ(ShownId("0123456789", false), "012345…");
  EXPECT_EQ(ShownId("0123456789", true), "0123456789");
  EXPECT_EQ(ShownId("\x01\x02\x03\x04\x05\x06\x07", false), "\\x01\\x02\\x03\\x04\\x05\\x06…");
}

TEST(EscapeControlsTest, LeavesTextAndStopsControls) {
  EXPECT_EQ(EscapeControls("Zoë 🛒 \\"), "Zoë 🛒 \\");
  EXPECT_EQ(EscapeControls("\x1b[2J\x7f\n"), "\\x1b[2J\\x7f\\x0a");
  // U+009B starts a control sequence on some terminals; U+00A0 is text.
  EXPECT_EQ(EscapeControls("\xc2\x9b\xc2\xa0"), "\\xc2\\x9b\xc2\xa0");
  EXPECT_EQ(EscapeControls("\xc2"), "\xc2");
}

TEST(DurationTextTest, ShowsTheTwoLargestUnits) {
  EXPECT_EQ(DurationText(0), "0 s");
  EXPECT_EQ(DurationText(59'999), "59 s");
  EXPECT_EQ(DurationText(60'000), "1 min 0 s");
  EXPECT_EQ(DurationText(3'600'000 + 125'000), "1 h 2 min");
  EXPECT_EQ(DurationText(3ull * 86'400'000 + 4ull * 3'600'000), "3 d 4 h");
}

TEST(TimeTextTest, IsUtc) {
  EXPECT_EQ(TimeText(0), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(TimeText(1'769'903'999'999), "2026-01-31 23:59:59 UTC");
}

}  // namespace
}  // namespace sessionhub::ctl
