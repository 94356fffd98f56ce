#include "bench/crash/tally.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

using Kind = CommitEvent::Kind;

// `unacked` commits that were submitted at 1 and not answered, and an ack of another at 300.
std::vector<NodeLog> Logs(size_t unacked) {
  NodeLog log{"web-1", {}};
  for (size_t i = 0; i <= unacked; ++i) {
    CommitEvent event;
    event.request = i;
    event.time_us = i == 0 ? 200 : 1;
    log.events.push_back(event);
  }
  CommitEvent ack;
  ack.kind = Kind::kAcked;
  ack.time_us = 300'000;
  log.events.push_back(ack);
  return {log};
}

FaultDone DoneInRelease(Fault::Kind kind) {
  FaultDone done;
  done.fault.kind = kind;
  done.fault.phase = "release";
  done.fault.fail_point = "release.wake:2";
  done.at_us = 100;
  done.again_us = 250;
  done.unanswered = 1;
  return done;
}

TEST(Tally, AKillOfTheHubCountsFromTheLeastNumberInFlightOn) {
  Tally tally(ShareOut(12, 0, 0), 100);
  tally.Add(DoneInRelease(Fault::Kind::kKillHub), Logs(99));
  EXPECT_EQ(tally.missing().hub_kills.at("release"), 2u);
  EXPECT_EQ(tally.too_few(), 1u);
  tally.Add(DoneInRelease(Fault::Kind::kKillHub), Logs(100));
  EXPECT_EQ(tally.missing().hub_kills.at("release"), 1u);
  EXPECT_EQ(tally.missing().all(), 11u);
  EXPECT_EQ(tally.too_few(), 1u);
}

TEST(Tally, AKillOfANodeCountsIfSomeOfThemAreItsOwn) {
  Tally tally(ShareOut(0, 2, 0), 100);
  FaultDone idle = DoneInRelease(Fault::Kind::kKillNode);
  idle.unanswered = 0;
  tally.Add(idle, Logs(100));
  tally.Add(DoneInRelease(Fault::Kind::kKillNode), Logs(99));
  EXPECT_EQ(tally.missing().node_kills, 2u);
  EXPECT_EQ(tally.too_few(), 2u);
  tally.Add(DoneInRelease(Fault::Kind::kKillNode), Logs(100));
  EXPECT_EQ(tally.missing().node_kills, 1u);
}

TEST(Tally, MoreThanWantedLeavesNothingToDo) {
  Tally tally(ShareOut(0, 0, 1), 100);
  for (int i = 0; i < 2; ++i) {
    tally.Add(DoneInRelease(Fault::Kind::kStopHub), Logs(0));
    tally.Add(DoneInRelease(Fault::Kind::kStopNode), Logs(0));
  }
  EXPECT_EQ(tally.missing().all(), 0u);
}

TEST(Tally, WritesTheFigures) {
  Tally tally(ShareOut(6, 0, 0), 100);
  tally.Add(DoneInRelease(Fault::Kind::kKillHub), Logs(120));
  tally.Add(DoneInRelease(Fault::Kind::kKillHub), Logs(110));
  Report report({});
  tally.Write(&report);
  EXPECT_EQ(report.Count("hub_kills"), 2u);
  EXPECT_EQ(report.Count("unacked_at_hub_kill"), 110u);
}

}  // namespace
}  // namespace sessionhub::bench
