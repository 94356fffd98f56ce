#include "bench/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "bench/demo/mesh_codec.h"
#include "bench/replay/access_log.h"
#include "bench/replay/replay_report.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Line(const std::string& client, int minute, const std::string& request,
                 const std::string& further = "") {
  const std::string two = (minute % 60 < 10 ? "0" : "") + std::to_string(minute % 60);
  return client + " - - [29/Nov/2026:1" + std::to_string(minute / 60) + ":" + two +
         ":00 +0100] \"" + request + " HTTP/1.1\" 200 5 \"-\" \"agent\"" + further + "\n";
}

class ReplayTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) { std::ofstream(path_) << text; }
  void WriteGz(const std::string& text) const {
    gzFile file = gzopen(path_.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  }
  // Replays the file, as a log.
  ReplayInput Read() {
    options_.log_paths = {path_};
    return ReplayAll();
  }
  ReplayInput ReadBasketFile() {
    options_.baskets_path = path_;
    return ReplayAll();
  }
  ReplayInput ReplayAll() {
    Replay replay(options_);
    EXPECT_OK(replay.Run());
    json_ = ReplayJson(options_, replay.input(), replay.sums());
    text_ = DescribeInput(options_, replay.input()) +
            StrategyTables(replay.input().requests, replay.sums());
    return replay.input();
  }
  absl::Status Error() {
    options_.log_paths = {path_};
    return Replay(options_).Run();
  }

  const sessionhub::testing::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/access.log";
  ReplayOptions options_;
  nlohmann::ordered_json json_;
  std::string text_;
};

TEST_F(ReplayTest, SessionsAreClientAndAgentUntilTheyAreIdle) {
  Write(Line("a", 0, "GET /") + Line("b", 1, "POST /") + Line("a", 2, "POST /") +
        Line("a", 3, "GET /style.css") + Line("a", 32, "GET /") + Line("a", 63, "DELETE /"));
  const ReplayInput input = Read();
  EXPECT_EQ(input.lines, 6u);
  EXPECT_EQ(input.bad_lines, 0u);
  EXPECT_EQ(input.static_requests, 1u);
  EXPECT_EQ(input.requests, 5u);
  EXPECT_EQ(input.sessions, 3u);  // a until 32, b, a from 63 on
  EXPECT_EQ(input.creating, 3u);
  EXPECT_EQ(input.changing, 1u);
  EXPECT_EQ(input.read_only, 1u);
  EXPECT_EQ(input.last_s - input.first_s, 63 * 60);
}

TEST_F(ReplayTest, NoRequestIsLeftOutIfNoSuffixIsNamed) {
  Write(Line("a", 0, "GET /style.css?v=1"));
  options_.static_suffixes = {""};  // as --static-suffixes "" gives it
  EXPECT_EQ(Read().requests, 1u);
}

TEST_F(ReplayTest, SessionsAreACookieOrAField) {
  const std::string log = Line("a", 0, "GET /", " 0.1 \"x=1; sid=7\"") +
                          Line("b", 1, "GET /", " 0.2 \"sid=7\"") +
                          Line("b", 2, "GET /", " - \"-\"");
  Write(log);
  options_.session_cookie = "sid";
  EXPECT_EQ(Read().sessions, 1u);
  EXPECT_EQ(Read().without_session, 1u);
  options_.session_cookie = "";
  options_.session_field = 1;
  EXPECT_EQ(Read().sessions, 2u);
  EXPECT_EQ(Read().without_session, 1u);
  options_.session_field = 3;
  EXPECT_THAT(Error(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no request")));
}

TEST_F(ReplayTest, BadLinesAreCountedAndTheFirstAreShown) {
  std::string log = Line("a", 0, "GET /") + std::string(kLogLineBytesMax + 1, 'x') + "\n";
  for (int i = 0; i < 9; ++i) log += "\x01\x02 garbage\n";
  Write(log);
  const ReplayInput input = Read();
  EXPECT_EQ(input.lines, 11u);
  EXPECT_EQ(input.bad_lines, 10u);
  EXPECT_EQ(input.requests, 1u);
  ASSERT_THAT(input.shown_bad_lines, SizeIs(ReplayInput::kShownMax));
  EXPECT_EQ(input.shown_bad_lines[0], path_ + ":2: it is longer than 65536 bytes");
  EXPECT_EQ(input.shown_bad_lines[1], path_ + ":3: there is no [time]");
  EXPECT_THAT(text_, HasSubstr(input.shown_bad_lines[0]));
}

TEST_F(ReplayTest, ACompressedLogIsReadAsAPlainOne) {
  const std::string log = Line("a", 0, "GET /") + Line("a", 1, "POST /");
  Write(log);
  Read();
  const nlohmann::ordered_json plain = json_;
  WriteGz(log);
  Read();
  EXPECT_EQ(json_, plain);
}

TEST_F(ReplayTest, ALogThatIsCutShortIsReplayedUpToThere) {
  std::string log;
  for (int i = 0; i < 5'000; ++i) log += Line("c" + std::to_string(i * 7'919), i % 60, "GET /");
  WriteGz(log);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  const ReplayInput input = Read();
  EXPECT_GT(input.requests, 100u);
  EXPECT_LT(input.requests, 5'000u);
  EXPECT_THAT(input.warnings, ElementsAre(HasSubstr("damaged or cut short after line")));
}

TEST_F(ReplayTest, SaysWhyThereIsNothingToReplay) {
  Write("");
  EXPECT_THAT(Error(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 lines")));
  Write("\xff\xfe\n");
  EXPECT_THAT(Error(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path_ + ":1: ")));
  std::filesystem::remove(path_);
  EXPECT_THAT(Error(), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
}

TEST_F(ReplayTest, ReadsOnlyTheFirstLinesAndSeveralFiles) {
  Write(Line("a", 0, "GET /") + Line("b", 1, "GET /") + Line("c", 2, "GET /"));
  options_.limit = 2;
  EXPECT_EQ(Read().requests, 2u);
  options_.limit = 4;
  options_.log_paths = {path_, path_};
  Replay replay(options_);
  ASSERT_OK(replay.Run());
  EXPECT_EQ(replay.input().requests, 4u);
  EXPECT_EQ(replay.input().out_of_order, 1u);
}

TEST_F(ReplayTest, BasketsAreTheDemosSessions) {
  Write("85123A,71053,85123A\n22633\n");
  const ReplayInput input = ReadBasketFile();
  EXPECT_EQ(input.lines, 2u);
  EXPECT_EQ(input.bad_lines, 0u);
  EXPECT_EQ(input.sessions, 2u);
  EXPECT_EQ(input.creating, 2u);
  EXPECT_EQ(input.changing, 2u);
  // The longer one, as the demo's broadcast encodes it, without its head.
  const MeshFields fields = {{"cart/items/85123A/qty", "2"},
                             {"cart/items/71053/qty", "1"},
                             {"cart/count", "3"},
                             {"cart/last", "85123A"},
                             {"visit/requests", "3"}};
  std::string message;
  AppendMessage(Broadcast::kSession, "", fields, {}, &message);
  EXPECT_EQ(input.session_bytes.max_us(), static_cast<int64_t>(message.size() - 4 - 2));
}

TEST_F(ReplayTest, BadLinesOfBasketsAreCountedAndTheFirstAreShown) {
  std::string baskets = "85123A,71053\n\n,,\n" + std::string(kBasketLineBytesMax + 1, 'x') + "\n";
  for (int i = 0; i < 9; ++i) baskets += "\x01\x02 garbage\n";
  Write(baskets + std::string(kBasketLineBytesMax, 'y') + "\n22633");
  const ReplayInput input = ReadBasketFile();
  EXPECT_EQ(input.lines, 15u);
  EXPECT_EQ(input.bad_lines, 12u);
  EXPECT_EQ(input.sessions, 3u);
  EXPECT_EQ(input.requests, 4u);
  EXPECT_THAT(input.shown_bad_lines,
              ElementsAre(path_ + ":2: there is no stock code in it",
                          path_ + ":3: there is no stock code in it",
                          path_ + ":4: it is longer than 1048576 bytes",
                          path_ + ":5: there is a control character in it: not a text",
                          path_ + ":6: there is a control character in it: not a text"));
  EXPECT_THAT(text_, HasSubstr("read: 15 lines, 12 bad\n    " + input.shown_bad_lines[0]));
  EXPECT_EQ(json_["input"]["lines"], 15);
  EXPECT_EQ(json_["input"]["bad_lines"], 12);
  EXPECT_EQ(json_["input"]["first_bad_lines"], input.shown_bad_lines);
}

TEST_F(ReplayTest, TheLimitIsOfBasketsAndNotOfBadLines) {
  Write("\na\n,\nb\n\nc\n");
  options_.limit = 2;
  const ReplayInput input = ReadBasketFile();
  EXPECT_EQ(input.sessions, 2u);
  EXPECT_EQ(input.lines, 4u);
  EXPECT_EQ(input.bad_lines, 2u);
}

TEST_F(ReplayTest, BasketsThatAreCutShortAreReplayedUpToThere) {
  std::string baskets;
  for (int i = 0; i < 5'000; ++i) baskets += std::to_string(i * 7'919) + "\n";
  WriteGz(baskets);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  const ReplayInput input = ReadBasketFile();
  EXPECT_GT(input.requests, 100u);
  EXPECT_LT(input.requests, 5'000u);
  EXPECT_THAT(input.warnings, ElementsAre(HasSubstr("damaged or cut short after line")));
}

TEST_F(ReplayTest, SaysWhyThereIsNoBasketToReplay) {
  options_.baskets_path = path_;
  Write("");
  EXPECT_THAT(Replay(options_).Run(), StatusIs(kInvalid, HasSubstr("0 lines")));
  Write(",\n\x7f\n");
  EXPECT_THAT(
      Replay(options_).Run(),
      StatusIs(kInvalid, HasSubstr("2 lines: 2 hold no basket\n  " + path_ +
                                   ":1: there is no stock code in it\n  " + path_ + ":2: ")));
  std::filesystem::remove(path_);
  EXPECT_THAT(Replay(options_).Run(), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
}

TEST_F(ReplayTest, TheFileHasWhatTheTableHas) {
  Write(Line("a", 0, "GET /") + Line("a", 1, "POST /"));
  Read();
  EXPECT_EQ(json_["obtained_by"], "model");
  EXPECT_EQ(json_["input"]["requests"], 2);
  ASSERT_THAT(json_["strategies"], SizeIs(16));
  const auto& sticky_only = json_["strategies"][0];
  EXPECT_EQ(sticky_only["name"], "sticky_only");
  EXPECT_EQ(sticky_only["sticky"]["bytes"], 0);
  EXPECT_TRUE(sticky_only["round_robin"].is_null());
  for (const auto& strategy : json_["strategies"]) {
    if (strategy["name"] != kSessionhubPush) continue;
    EXPECT_EQ(strategy["round_robin"]["times_sessionhub"], 1.0);
    EXPECT_EQ(strategy["round_robin"]["forwards"], 1);
  }
  EXPECT_THAT(text_, HasSubstr("bytes (model)"));
  EXPECT_THAT(text_, HasSubstr("no other node has the session"));
}

TEST_F(ReplayTest, AFileThatCannotBeWrittenIsToldBeforeAnythingIsRead) {
  options_.log_paths = {path_};  // which is not there
  options_.json_path = folder_.path() + "/none/figures.json";
  EXPECT_THAT(RunReplay(options_),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(options_.json_path)));
  options_.json_path = folder_.path() + "/figures.json";
  EXPECT_THAT(RunReplay(options_), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
  EXPECT_FALSE(std::filesystem::exists(options_.json_path));
}

TEST(CheckReplayOptions, TellsWhatDoesNotGoTogether) {
  ReplayOptions options;
  EXPECT_THAT(CheckReplayOptions(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--log or --baskets")));
  options.log_paths = {"a"};
  EXPECT_OK(CheckReplayOptions(options));
  options.value_bytes = options.session_bytes;
  EXPECT_OK(CheckReplayOptions(options));
  ++options.value_bytes;
  EXPECT_THAT(CheckReplayOptions(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--session-bytes")));
  options.value_bytes = 16;
  options.fields_changed = options.session_fields;
  EXPECT_OK(CheckReplayOptions(options));
  ++options.fields_changed;
  EXPECT_THAT(CheckReplayOptions(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--session-fields")));
  options.fields_changed = 1;
  options.session_field = 1;
  options.session_cookie = "sid";
  EXPECT_THAT(CheckReplayOptions(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("exclude")));
}

TEST(LogShape, SessionsHaveTheBytesThatWereAskedFor) {
  PathBook book;
  ReplayOptions options;
  options.session_bytes = 103;
  options.session_fields = 7;
  options.fields_changed = 2;
  options.value_bytes = 9;
  options.fields_per_attribute = 3;
  const LogShape shape(options, &book);
  size_t bytes = 0;
  for (const FieldChange& field : shape.all()) bytes += ValueText(field.value).size();
  EXPECT_EQ(bytes, 103u);
  ASSERT_THAT(shape.changed(), SizeIs(2));
  EXPECT_EQ(book.at(shape.changed()[1].path).text, "attribute-0/field-1");
  EXPECT_EQ(book.at(shape.all()[3].path).attribute, 1u);
}

}  // namespace
}  // namespace sessionhub::bench
