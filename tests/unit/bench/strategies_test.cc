// Each strategy's arithmetic on a traffic that is small enough to be added up by hand: sessions of
// one field "f" with a value of one byte, which is an entry of 8 bytes; ids of 32.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bench/replay/strategy.h"
#include "bench/replay/traffic_model.h"

namespace sessionhub::bench {
namespace {

// A gRPC message of so many bytes: 5 and 9 of heads, 26 of window updates, 3 segments.
constexpr uint64_t Grpc(uint64_t bytes) {
  return bytes + 5 + 9 + 26 + 3 * 66;
}

class StrategiesTest : public ::testing::Test {
 protected:
  static constexpr int64_t kGap = 1800;
  static constexpr size_t kSticky = 0, kInTurn = 1;

  void Begin(size_t nodes) { model_ = std::make_unique<TrafficModel>(&book_, nodes, kGap); }
  void Change(const std::string& value = "v") { Serve({{book_.Number("f"), Value(value), false}}); }
  void Read(int64_t after_s = 0) {
    session_.last_used_s += after_s;
    Serve({});
  }
  void Serve(const std::vector<FieldChange>& changes) { model_->Serve(changes, &session_); }
  void End() { model_->End(session_); }

  Tally Of(const std::string& name, size_t routing) {
    for (const TrafficModel::Sums& one : model_->sums()) {
      if (one.strategy->name() == name) return one.tallies[routing];
    }
    ADD_FAILURE() << "no strategy " << name;
    return {};
  }
  void Expect(const std::string& name, size_t routing, uint64_t forwards, uint64_t messages,
              uint64_t bytes) {
    SCOPED_TRACE(name);
    const Tally tally = Of(name, routing);
    EXPECT_EQ(tally.forwards, forwards);
    EXPECT_EQ(tally.wire.messages, messages);
    EXPECT_EQ(tally.wire.bytes, bytes);
  }

  PathBook book_;
  std::unique_ptr<TrafficModel> model_;
  LogSession session_ = {.count = 1};
};

TEST_F(StrategiesTest, StickyOverThreeNodes) {
  Begin(3);
  Change();
  Read();
  Change("w");
  End();
  Expect("sticky_only", kSticky, 0, 0, 0);
  // u32, u16, id, entry; data and acknowledgement; two changes to two others.
  Expect("broadcast_sessions", kSticky, 4, 4, 4 * (4 + 2 + 32 + 8 + 2 * 66));
  // The first names the session (38) and defines the path (7); each has u32 and an item of 15.
  Expect("broadcast_fields", kSticky, 4, 4, 2 * (4 + 38 + 7 + 15 + 2 * 66) + 2 * (4 + 15 + 2 * 66));
  Expect("tomcat_delta", kSticky, 6, 8,
         2 * (829 + 2 * 66) + 2 * (654 + 8 + 2 * 66)               // made
             + 2 * (654 + 2 * 66) + 2 * (654 + 19 + 1 + 2 * 66));  // read, changed
  // The same, and an answer to each.
  Expect("tomcat_delta_sync", kSticky, 6, 16,
         2 * (829 + 21 + 2 * 66) + 2 * (654 + 8 + 21 + 2 * 66) + 2 * (654 + 21 + 2 * 66) +
             2 * (654 + 19 + 1 + 21 + 2 * 66));
  Expect("tomcat_backup", kSticky, 4, 10,
         (895 + 21 + 2 * 66) + (1660 + 8 + 3 * 66 + 21 + 66) + (760 + 21 + 2 * 66) +
             (895 + 21 + 2 * 66) + (895 + 19 + 1 + 21 + 2 * 66));
  // Put; read, as whoever puts has no copy; put of what was read. Both others are told to drop it.
  Expect("terracotta", kSticky, 4, 16,
         2 * ((150 + 8 + 145 + 2 * 66) + 2 * (124 + 124 + 2 * 66) + (145 + 2 * 66)) +
             (200 + 205 + 8 + 2 * 66));
  // "set ID 0 1800 8", "touch ID 1800", "get ID".
  Expect("cache_set", kSticky, 0, 6, 2 * (57 + 8 + 2 * 66) + (45 + 9 + 2 * 66));
  Expect("cache_get_set", kSticky, 0, 10,
         2 * (57 + 8 + 2 * 66) + (45 + 9 + 2 * 66) + 2 * (38 + 59 + 2 * 66));
  // HSET 67, EXPIRE 65, HGETALL 56 and its answer 18.
  Expect("redis_fields", kSticky, 0, 10,
         2 * (67 + 65 + 8 + 2 * 66) + (65 + 4 + 2 * 66) + 2 * (56 + 18 + 2 * 66));
  // PUBLISH of 42 bytes is 80, and so is each of the three messages.
  Expect("redis_publish", kSticky, 4, 10, 2 * (67 + 65 + 80 + 12 + 2 * 66) + 2 * 3 * (80 + 2 * 66));
  // SUBSCRIBE 58 and its answer 62; PUBLISH of 10 bytes is 73, and so is the message to itself.
  Expect(
      "redis_channels", kSticky, 0, 7,
      (58 + 62 + 2 * 66) + (67 + 65 + 8 + 2 * 66) + (67 + 65 + 73 + 12 + 2 * 66) + (73 + 2 * 66));
  // MULTI 15, HSET 67, EXPIRE 65, HLEN 53, EXEC 14; OK 5, thrice QUEUED 9, 4 and three numbers.
  Expect("redis_tracking", kSticky, 0, 4, 2 * (214 + 5 + 27 + 4 + 12 + 2 * 66));
  // UPDATE 90 and 30, SELECT 76 and 74.
  Expect("database", kSticky, 0, 10, 3 * (90 + 30 + 2 * 66) + 2 * (76 + 74 + 2 * 66));
  // Open and opened with an empty catch-up; two commits and their answers; the end and the close.
  const uint64_t hub =
      Grpc(46) + Grpc(29) + Grpc(20) + Grpc(4) + Grpc(15) + Grpc(4) + Grpc(8) + Grpc(5);
  Expect("sessionhub_push", kSticky, 0, 8, hub);
  Expect("sessionhub_invalidate", kSticky, 0, 8, hub + 2);  // it says so in the Open
}

TEST_F(StrategiesTest, RoundRobinOverTwoNodes) {
  Begin(2);
  Change();     // node 0
  Change("w");  // node 1
  Change("x");  // node 0
  End();
  Expect("broadcast_sessions", kInTurn, 3, 3, 3 * (46 + 2 * 66));
  // Each node names the session and defines the path once.
  Expect("broadcast_fields", kInTurn, 3, 3, 2 * (64 + 2 * 66) + (19 + 2 * 66));
  // The session is made, and moves twice, with the byte that has changed.
  Expect("tomcat_backup", kInTurn, 3, 12,
         3 * (895 + 21 + 2 * 66) + (1660 + 8 + 3 * 66 + 21 + 66) +
             2 * (1360 + 8 + 21 + 2 * 66 + 19 + 1));
  EXPECT_EQ(Of("tomcat_delta", kInTurn).wire, Of("tomcat_delta", kSticky).wire);
  EXPECT_EQ(Of("redis_fields", kInTurn).wire, Of("redis_fields", kSticky).wire);
  // One HGETALL, at the first request on node 1.
  EXPECT_EQ(Of("redis_publish", kInTurn).wire.bytes,
            Of("redis_publish", kSticky).wire.bytes + 56 + 18 + 2 * 66);
  EXPECT_EQ(Of("tomcat_delta_sync", kInTurn).wire, Of("tomcat_delta_sync", kSticky).wire);
  // Node 1 loads what is there alone; node 0 then two of 8 bytes, and has them replaced by one.
  const uint64_t put = (150 + 8 + 145 + 2 * 66) + (124 + 124 + 2 * 66) + (145 + 2 * 66);
  Expect(
      "terracotta", kInTurn, 3, 21,
      3 * put + (200 + 205 + 8 + 2 * 66) + (200 + 205 + 16 + 2 * 66) + (200 + 24 + 205 + 2 * 66));
  // Each node subscribes, and the second loads; the two last changes are told to both.
  Expect("redis_channels", kInTurn, 2, 16,
         2 * (58 + 62 + 2 * 66) + (56 + 18 + 2 * 66) + (67 + 65 + 8 + 2 * 66) +
             2 * (67 + 65 + 73 + 12 + 2 * 66) + 4 * (73 + 2 * 66));
  // The two last changes are of a session that was loaded, and tell the other node, in 87 bytes.
  Expect("redis_tracking", kInTurn, 2, 12,
         3 * (214 + 48 + 2 * 66) + 2 * (56 + 18 + 2 * 66) + 2 * (87 + 2 * 66));
  // Two opens, three commits, two forwards, two ends: of 2 messages each, but for the forwards.
  EXPECT_EQ(Of("sessionhub_push", kInTurn).forwards, 2u);
  EXPECT_EQ(Of("sessionhub_push", kInTurn).wire.messages, 16u);
  // Node 0 is told of the second change, and asks before it makes the third.
  EXPECT_EQ(Of("sessionhub_invalidate", kInTurn).forwards, 2u);
  EXPECT_EQ(Of("sessionhub_invalidate", kInTurn).wire.messages, 18u);
}

TEST_F(StrategiesTest, AnInvalidationIsToldOnce) {
  Begin(2);
  const auto serve_at = [this](size_t node, bool changes) {
    while (model_->requests() % 2 != node) {  // another session's requests in between
      LogSession other = {.count = 2};
      model_->Serve({}, &other);
    }
    if (changes) return Change();
    Read();
  };
  serve_at(0, true);
  serve_at(1, false);
  const uint64_t before = Of("sessionhub_invalidate", kInTurn).forwards;
  serve_at(0, true);
  serve_at(0, true);
  serve_at(0, true);
  EXPECT_EQ(Of("sessionhub_invalidate", kInTurn).forwards, before + 1);
  EXPECT_EQ(Of("redis_tracking", kInTurn).forwards, before + 1);
  EXPECT_EQ(Of("sessionhub_push", kInTurn).forwards, before + 3);
}

// Of three nodes the one that serves a session next asks for it; the third is told where it is.
TEST_F(StrategiesTest, ATomcatNodeThatIsNoBackupAsksForTheSession) {
  Begin(3);
  Change();  // node 0
  const uint64_t before = Of("tomcat_backup", kInTurn).wire.bytes;
  Read();  // node 1
  EXPECT_EQ(Of("tomcat_backup", kInTurn).wire.bytes,
            before + (750 + 21 + 2 * 66) + (895 + 21 + 2 * 66) + (1360 + 8 + 21 + 2 * 66) +
                (760 + 21 + 2 * 66));
  EXPECT_EQ(Of("tomcat_backup", kInTurn).forwards, 4u);
}

// Whoever reads next after a put has the two sessions replaced; the others load one.
TEST_F(StrategiesTest, ATerracottaNodeReadsAPutOnce) {
  Begin(2);
  Change();     // node 0
  Change("w");  // node 1
  const auto read_bytes = [this] {
    const uint64_t before = Of("terracotta", kInTurn).wire.bytes;
    Read();
    return Of("terracotta", kInTurn).wire.bytes - before;
  };
  EXPECT_EQ(read_bytes(), (200u + 205 + 16 + 2 * 66) + (200 + 24 + 205 + 2 * 66));  // node 0
  EXPECT_EQ(read_bytes(), 200u + 205 + 8 + 2 * 66);                                 // node 1
  EXPECT_EQ(read_bytes(), 0u);
  EXPECT_EQ(read_bytes(), 0u);
}

TEST_F(StrategiesTest, ReadsAreToldAtMostOnceInATenthOfTheIdleTimeout) {
  Begin(2);
  Change();
  const uint64_t before = Of("sessionhub_push", kSticky).wire.bytes;
  const uint64_t published = Of("redis_publish", kSticky).wire.bytes;
  const uint64_t tracked = Of("redis_tracking", kSticky).wire.bytes;
  Read(kGap / 10 - 1);
  EXPECT_EQ(Of("sessionhub_push", kSticky).wire.bytes, before);
  EXPECT_EQ(Of("redis_publish", kSticky).wire.bytes, published);
  EXPECT_EQ(Of("redis_tracking", kSticky).wire.bytes, tracked);
  Read(1);
  EXPECT_EQ(Of("redis_publish", kSticky).wire.bytes, published + 65 + 4 + 2 * 66);
  // MULTI, EXPIRE, HLEN and EXEC; OK, twice QUEUED, and two numbers.
  EXPECT_EQ(Of("redis_tracking", kSticky).wire.bytes,
            tracked + (15 + 65 + 53 + 14) + (5 + 18 + 4 + 8) + 2 * 66);
  const uint64_t told = Of("sessionhub_push", kSticky).wire.bytes;
  EXPECT_EQ(told, before + 7);  // handle and milliseconds, in a frame that goes out anyway
  Read(kGap / 10 - 1);
  EXPECT_EQ(Of("sessionhub_push", kSticky).wire.bytes, told);
}

TEST_F(StrategiesTest, OneNodeHasNobodyToTell) {
  Begin(1);
  Change();
  Read();
  for (const TrafficModel::Sums& one : model_->sums()) {
    EXPECT_EQ(one.tallies[kSticky].forwards, 0u) << one.strategy->name();
    EXPECT_EQ(one.tallies[kSticky].wire, one.tallies[kInTurn].wire) << one.strategy->name();
  }
  Expect("tomcat_backup", kSticky, 0, 0, 0);
}

}  // namespace
}  // namespace sessionhub::bench
