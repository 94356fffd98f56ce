// What `ss` tells of sockets, and the sum that only grows.
#include "bench/compare/socket_payloads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kListing[] =
    "ESTAB  0  0  127.0.0.1:47984  127.18.0.3:7999  ino:10488 sk:1f cgroup:/ <-> ts sack cubic "
    "wscale:10,10 rto:204 bytes_sent:77 bytes_acked:78 bytes_received:5 segs_out:4 "
    "rwnd_limited:4ms\n"
    "ESTAB  77 0  [::ffff:127.18.0.3]:7999  [::ffff:127.0.0.1]:47984 uid:1000 ino:10489 sk:20 <-> "
    "ts sack cubic bytes_received:77\n"
    "FIN-WAIT-1  0  1  127.18.0.3:7999  127.0.0.1:47986 timer:(on,200ms,0) ino:0 sk:a00000001 "
    "bytes_sent:18446744073709551615 bytes_retrans:3\n\n";

TEST(ParseSocketPayloads, TakesWhatEachSocketHasSent) {
  const auto sockets = ParseSocketPayloads(kListing);
  ASSERT_OK(sockets);
  ASSERT_EQ(sockets->size(), 3u);
  EXPECT_EQ((*sockets)[0].cookie, 0x1fu);
  EXPECT_EQ((*sockets)[0].bytes_sent, 77u);
  EXPECT_EQ((*sockets)[1].cookie, 0x20u);
  EXPECT_EQ((*sockets)[1].bytes_sent, 0u) << "what is received is another socket's";
  EXPECT_EQ((*sockets)[2].cookie, 0xa00000001u);
  EXPECT_EQ((*sockets)[2].bytes_sent, UINT64_MAX);
}

TEST(ParseSocketPayloads, KnowsThatThereMayBeNoSocket) {
  EXPECT_EQ(ParseSocketPayloads("").value().size(), 0u);
  EXPECT_EQ(ParseSocketPayloads("\n").value().size(), 0u);
}

TEST(ParseSocketPayloads, QuotesALineThatItCannotRead) {
  for (const std::string line :
       {"Netid State Recv-Q", "ESTAB 0 0 a b bytes_sent:5", "ESTAB 0 0 a b sk:xyz bytes_sent:5",
        "ESTAB 0 0 a b sk: bytes_sent:5", "ESTAB 0 0 a b sk:1 bytes_sent:5k",
        "ESTAB 0 0 a b sk:1 bytes_sent:18446744073709551616"}) {
    EXPECT_THAT(ParseSocketPayloads("ESTAB 0 0 a b sk:1\n" + line),
                StatusIs(absl::StatusCode::kInternal, HasSubstr(line)))
        << line;
  }
}

TEST(PayloadSumTest, GrowsByWhatSocketsSend) {
  PayloadSum sum;
  EXPECT_EQ(sum.Update({}), 0u);
  EXPECT_EQ(sum.Update({{.cookie = 1, .bytes_sent = 10}, {.cookie = 2}}), 10u);
  EXPECT_EQ(sum.Update({{.cookie = 1, .bytes_sent = 15}, {.cookie = 2, .bytes_sent = 7}}), 22u);
}

TEST(PayloadSumTest, KeepsWhatSocketsHadSentThatHaveGone) {
  PayloadSum sum;
  EXPECT_EQ(sum.Update({{.cookie = 1, .bytes_sent = 10}, {.cookie = 2, .bytes_sent = 5}}), 15u);
  EXPECT_EQ(sum.Update({{.cookie = 2, .bytes_sent = 6}}), 16u);
  EXPECT_EQ(sum.Update({}), 16u);
  EXPECT_EQ(sum.Update({{.cookie = 3, .bytes_sent = 1}}), 17u);
}

TEST(PayloadSumTest, CountsASocketOnceThatWasOutOfSight) {
  PayloadSum sum;
  EXPECT_EQ(sum.Update({{.cookie = 1, .bytes_sent = 10}}), 10u);
  EXPECT_EQ(sum.Update({}), 10u);
  EXPECT_EQ(sum.Update({{.cookie = 1, .bytes_sent = 12}}), 12u);
}

}  // namespace
}  // namespace sessionhub::bench
