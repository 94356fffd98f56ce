#include "bench/demo/commit_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sessionhub::bench {
namespace {

using Kind = CommitEvent::Kind;

CommitEvent Sample() {
  CommitEvent event;
  event.kind = Kind::kAcked;
  event.request = 17;
  event.session = "cart-000003";
  event.code = "BANK CHARGES";
  event.version = 9;
  event.at_least = 4;
  event.time_us = 123456789;
  event.note = "a note";
  return event;
}

std::string Line(const CommitEvent& event) {
  std::string line = FormatCommitEvent(event);
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  return line;
}

TEST(CommitLog, ReadsWhatItWrites) {
  const std::optional<CommitEvent> read = ParseCommitEvent(Line(Sample()));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->kind, Kind::kAcked);
  EXPECT_EQ(read->request, 17u);
  EXPECT_EQ(read->session, "cart-000003");
  EXPECT_EQ(read->code, "BANK CHARGES");
  EXPECT_EQ(read->version, 9u);
  EXPECT_EQ(read->at_least, 4u);
  EXPECT_EQ(read->time_us, 123456789);
  EXPECT_EQ(read->note, "a note");
}

TEST(CommitLog, TextsCannotBreakLines) {
  CommitEvent event = Sample();
  event.note = "two\nlines\tand a tab" + std::string(1000, 'x');
  const std::optional<CommitEvent> read = ParseCommitEvent(Line(event));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->note.substr(0, 19), "two lines and a tab");
  EXPECT_EQ(read->note.size(), 200u);
}

TEST(CommitLog, RefusesWhatIsNoEvent) {
  const std::string line = Line(Sample());
  EXPECT_FALSE(ParseCommitEvent("").has_value());
  EXPECT_FALSE(ParseCommitEvent("X" + line.substr(1)).has_value());
  EXPECT_FALSE(ParseCommitEvent(line + "\tmore").has_value());
  EXPECT_FALSE(ParseCommitEvent("A\tone\ts\tc\t1\t1\t1\t").has_value());
}

class CommitLogFile : public ::testing::Test {
 protected:
  CommitLogFile() : path_(::testing::TempDir() + "commit_log." + std::to_string(getpid())) {}
  ~CommitLogFile() override { std::filesystem::remove(path_); }

  const std::string path_;
};

TEST_F(CommitLogFile, ATornLastLineWasNeverWritten) {
  const std::string line = FormatCommitEvent(Sample());
  std::ofstream(path_) << line << line.substr(0, 10);
  const std::optional<std::vector<CommitEvent>> events = ReadCommitLog(path_);
  ASSERT_TRUE(events.has_value());
  EXPECT_EQ(events->size(), 1u);
}

TEST_F(CommitLogFile, ADamagedLineInTheMiddleIsAnError) {
  const std::string line = FormatCommitEvent(Sample());
  std::ofstream(path_) << line << "garbage\n" << line;
  EXPECT_FALSE(ReadCommitLog(path_).has_value());
  EXPECT_FALSE(ReadCommitLog(path_ + ".none").has_value());
}

TEST(CommitLog, CountsWhatWasSubmittedAndNotAnswered) {
  std::vector<CommitEvent> events(5, Sample());
  events[0] = {.kind = Kind::kSubmitted, .request = 1, .session = "", .code = "", .note = ""};
  events[1] = {.kind = Kind::kSubmitted, .request = 2, .session = "", .code = "", .note = ""};
  events[2] = {.kind = Kind::kSubmitted, .request = 3, .session = "", .code = "", .note = ""};
  events[3] = {.kind = Kind::kAcked, .request = 2, .session = "", .code = "", .note = ""};
  events[4] = {.kind = Kind::kNotSent, .request = 4, .session = "", .code = "", .note = ""};
  EXPECT_EQ(CountUnanswered(events), 2u);
}

}  // namespace
}  // namespace sessionhub::bench
