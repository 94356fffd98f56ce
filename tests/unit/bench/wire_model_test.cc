// The wire model against what was measured on Ethernets of network namespaces, with one exchange
// after the other: sessions of 4,056 and 65,521 serialised bytes, ids of 32 characters.
#include "bench/replay/wire_model.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

constexpr size_t kSmall = 4056, kLarge = 65'521;
const std::string kKey(32, 'k');

// Within `percent` of what was measured.
void ExpectNear(const Wire& model, double measured, double percent) {
  EXPECT_NEAR(static_cast<double>(model.bytes), measured, measured * percent / 100);
}

TEST(WireModel, IsWhatMemcachedWasMeasuredToTake) {
  EXPECT_EQ(CacheSet(kKey, kSmall).bytes, 4446u);
  EXPECT_EQ((CacheGet(kKey, kSmall) + CacheSet(kKey, kSmall)).bytes, 8924u);
  ExpectNear(CacheSet(kKey, kLarge), 68'808, 0.2);
  ExpectNear(CacheGet(kKey, kLarge) + CacheSet(kKey, kLarge), 137'620, 0.2);
}

TEST(WireModel, IsWhatRedisWasMeasuredToTake) {
  const std::string command =
      RedisCommand({"HSET", kKey, std::string(13, 'f'), std::string(16, 'v')});
  EXPECT_EQ(command.size(), 96u);
  EXPECT_EQ(Exchange(command.size(), 4).bytes, 232u);
  // GET of a string, and SET with an answer of 5 bytes.
  const size_t get = RedisCommand({"GET", kKey}).size();
  const Wire both = Exchange(get, RedisBulkBytes(kSmall)) + Exchange(4143, 5);
  ExpectNear(both, 8933, 0.2);
}

TEST(WireModel, IsWhatPostgresqlWasMeasuredToTake) {
  EXPECT_EQ(RowUpdate(kKey, kSmall).bytes, 4498u);
  EXPECT_EQ((RowSelect(kKey, kSmall) + RowUpdate(kKey, kSmall)).bytes, 9026u);
  ExpectNear(RowUpdate(kKey, kLarge), 68'995, 0.3);
  ExpectNear(RowSelect(kKey, kLarge) + RowUpdate(kKey, kLarge), 138'483, 0.7);
}

TEST(WireModel, IsWhatAPlainBroadcastWasMeasuredToTake) {
  ExpectNear(OneWay(kSmall + 4), 4335, 0.3);
  ExpectNear(3 * OneWay(kSmall + 4), 13'002, 0.3);
  ExpectNear(OneWay(kLarge + 4), 68'780, 0.3);
  ExpectNear(7 * OneWay(kLarge + 4), 481'381, 0.3);
}

TEST(WireModel, CutsAtTheSegment) {
  EXPECT_EQ(OneWay(1), (Wire{1, 1 + 2 * 66}));
  EXPECT_EQ(OneWay(1448), (Wire{1, 1448 + 2 * 66}));
  EXPECT_EQ(OneWay(1449), (Wire{1, 1449 + 3 * 66}));
  EXPECT_EQ(Exchange(1448, 1448), (Wire{2, 2 * (1448 + 66)}));
  EXPECT_EQ(Exchange(1449, 1), (Wire{2, 1449 + 3 * 66 + 1 + 66}));
}

TEST(WireModel, AGrpcMessageIsAnsweredByWindowUpdates) {
  EXPECT_EQ(GrpcMessage(100), (Wire{1, 100 + 5 + 9 + 26 + 3 * 66}));
  // A frame of HTTP/2 holds 16,384 bytes.
  EXPECT_EQ(GrpcMessage(16'384 - 5).bytes + 1 + 9, GrpcMessage(16'384 - 4).bytes);
}

TEST(WireModel, ArraysAndBulksOfRedisHaveTheirLengths) {
  EXPECT_EQ(RedisCommand({"GET", "k"}), "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
  EXPECT_EQ(RedisBulkBytes(0), std::string("$0\r\n\r\n").size());
  EXPECT_EQ(RedisBulkBytes(10), std::string("$10\r\n0123456789\r\n").size());
  EXPECT_EQ(RedisArrayBytes(40), std::string("*40\r\n").size());
}

}  // namespace
}  // namespace sessionhub::bench
