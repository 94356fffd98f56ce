// What the answers after a fault say of what users miss, and how it is told.
#include <gtest/gtest.h>

#include <string>

#include "bench/compare/risk_figures.h"
#include "bench/compare/risk_judge.h"

namespace sessionhub::bench {
namespace {

HttpAnswer Answer(int status, const std::string& body) {
  return {.status = status, .body = body, .session_id = ""};
}

CopyTally TallyOf(size_t fresh, size_t stale, size_t empty, size_t missing) {
  CopyTally tally;
  const auto add = [&](size_t count, CopyState state) {
    for (size_t i = 0; i < count; ++i) tally.Add(state);
  };
  add(fresh, CopyState::kFresh);
  add(stale, CopyState::kStale);
  add(empty, CopyState::kEmpty);
  add(missing, CopyState::kMissing);
  return tally;
}

TEST(RiskJudgeTest, TheOrderOfCountersIsThatOfTheirNumbers) {
  EXPECT_EQ(CounterText(7), "0000000000000007");
  EXPECT_LT(CounterText(9), CounterText(10));
  EXPECT_TRUE(IsAsNew(CounterText(10), CounterText(10)));
  EXPECT_TRUE(IsAsNew(CounterText(11), CounterText(10))) << "stored, but not answered";
  EXPECT_FALSE(IsAsNew(CounterText(9), CounterText(10)));
}

TEST(RiskJudgeTest, OtherValuesAreTheSameOrWrong) {
  EXPECT_TRUE(IsAsNew("blue", "blue"));
  EXPECT_FALSE(IsAsNew("green", "blue"));
  EXPECT_FALSE(IsAsNew("zzzzzzzzzzzzzzzz", CounterText(3)));
}

TEST(RiskJudgeTest, ACopyIsFreshIfItHasAllThatWasAcknowledged) {
  const SessionFields acknowledged = {{"f00", CounterText(3)}, {"f02", "blue"}};
  const std::string three = "f00=" + CounterText(3) + "\n";
  const std::string four = "f00=" + CounterText(4) + "\n";
  const std::string two = "f00=" + CounterText(2) + "\n";
  const auto judge = [&](int status, const std::string& body) {
    return JudgeCopy(Answer(status, body), acknowledged);
  };
  EXPECT_EQ(judge(200, three + "f02=blue\n"), CopyState::kFresh);
  EXPECT_EQ(judge(200, four + "f01=more\nf02=blue\n"), CopyState::kFresh);
  EXPECT_EQ(judge(200, two + "f02=blue\n"), CopyState::kStale);
  EXPECT_EQ(judge(200, three), CopyState::kStale) << "a field is missing";
  EXPECT_EQ(judge(200, ""), CopyState::kEmpty);
  EXPECT_EQ(judge(404, "no such session\n"), CopyState::kMissing);
}

TEST(RiskJudgeTest, AnErrorIsNoAnswer) {
  const SessionFields acknowledged = {{"f00", CounterText(3)}};
  EXPECT_EQ(JudgeCopy(Answer(500, ""), acknowledged), CopyState::kNoAnswer);
  EXPECT_EQ(JudgeCopy(Answer(200, "<html>"), acknowledged), CopyState::kNoAnswer);
  EXPECT_EQ(JudgeCopy(absl::UnavailableError("refused"), acknowledged), CopyState::kNoAnswer);
}

TEST(RiskJudgeTest, WhateverIsNotFreshIsLost) {
  CopyTally tally = TallyOf(5, 4, 3, 2);
  tally.Add(CopyState::kNoAnswer);
  EXPECT_EQ(tally.all(), 15u);
  EXPECT_EQ(tally.lost(), 10u);
  EXPECT_EQ(tally.count(CopyState::kStale), 4u);
}

TEST(RiskJudgeTest, TheMedianOfNothingIsZero) {
  EXPECT_EQ(MedianUs({}), 0);
  EXPECT_EQ(MedianUs({30}), 30);
  EXPECT_EQ(MedianUs({30, 10, 20}), 20);
}

TEST(RiskFiguresTest, TheFileHasTheKeysThatTheReportReads) {
  RiskFigures figures;
  figures.strategy = "broadcast_fields";
  figures.nodes = 2;
  figures.killed = KilledFigures{.lost_by_kill = {1, 2},
                                 .first = TallyOf(5, 4, 0, 1),
                                 .last = TallyOf(7, 2, 0, 1),
                                 .unshared = 0};
  figures.reconnect = ReconnectFigures{.last = TallyOf(8, 1, 1, 0)};
  figures.concurrent = ConcurrentFigures{.trials = 10, .lost = 3};
  figures.burst =
      BurstFigures{.nodes = 4, .changed = TallyOf(6, 2, 0, 1), .created = TallyOf(5, 1, 3, 0)};
  figures.nodes_restart = RestartFigures{.sessions = 50, .left = 1};
  figures.power_cut = "nothing";
  const nlohmann::ordered_json json = RisksJson(figures);
  EXPECT_EQ(json["strategy"], "broadcast_fields");
  EXPECT_EQ(json["killed"]["trials"], 10);
  EXPECT_EQ(json["killed"]["lost"], 3);
  EXPECT_EQ(json["killed"]["lost_at_first"], 5);
  EXPECT_EQ(json["killed"]["no_session"], 1);
  EXPECT_EQ(json["reconnect"]["trials"], 10);
  EXPECT_EQ(json["reconnect"]["lost"], 2);
  EXPECT_EQ(json["concurrent"]["lost"], 3);
  EXPECT_EQ(json["burst"]["copies"], 18) << "of both kinds of sessions";
  EXPECT_EQ(json["burst"]["stale"], 3);
  EXPECT_EQ(json["burst"]["empty"], 3);
  EXPECT_EQ(json["burst"]["of_new_sessions"]["empty"], 3);
  EXPECT_EQ(json["nodes_restart"]["left"], 1);
  EXPECT_TRUE(json["server_restart"].is_null()) << "there is no server";
  EXPECT_EQ(json["power_cut"], "nothing");
}

TEST(RiskFiguresTest, ATrialThatCouldNotBeMadeIsNamed) {
  RiskFigures figures;
  figures.failed.push_back({"killed", "node 0 did not start"});
  EXPECT_TRUE(RisksJson(figures)["killed"].is_null());
  EXPECT_EQ(RisksJson(figures)["failed"][0]["trial"], "killed");
  EXPECT_EQ(RisksJson(figures)["failed"][0]["why"], "node 0 did not start");
  EXPECT_TRUE(AnyFailed(figures));
}

TEST(RiskFiguresTest, ATrialThatTheBedCannotHaveIsNamedAndNoFailure) {
  RiskFigures figures;
  figures.failed.push_back({"reconnect", "there is no cable", false});
  EXPECT_EQ(RisksJson(figures)["failed"][0]["trial"], "reconnect");
  EXPECT_EQ(RisksJson(figures)["failed"][0]["why"], "there is no cable");
  EXPECT_FALSE(AnyFailed(figures));
}

TEST(RiskFiguresTest, ALineSaysWhatWasLostAndHow) {
  const KilledFigures killed = {
      .lost_by_kill = {1, 2}, .first = TallyOf(5, 4, 0, 1), .last = TallyOf(7, 2, 0, 1)};
  EXPECT_EQ(Describe(killed),
            "3 of 10 (2 stale, 0 empty, 1 missing, 0 without an answer) lost, 5 by the first "
            "answer, in 2 kills");
  EXPECT_EQ(Describe(ConcurrentFigures{.trials = 10}), "0 of 10 lost, 0 refused");
  EXPECT_EQ(Describe(RestartFigures{.sessions = 50, .left = 49}), "49 of 50 left");
}

}  // namespace
}  // namespace sessionhub::bench
