#include "bench/demo/mesh_codec.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

const MeshFields kFields = {{"cart/count", "3"},
                            {"cart/items/A/qty", "2"},
                            {"cart/items/B/qty", "1"},
                            {"user/name", "Ada"},
                            {"visit/requests", "3"}};
const std::vector<std::string> kChanged = {"cart/items/A/qty", "cart/count", "visit/requests"};

std::string Encode(Broadcast broadcast) {
  std::string bytes;
  AppendMessage(broadcast, "s1", kFields, kChanged, &bytes);
  return bytes;
}

class EveryBroadcast : public ::testing::TestWithParam<Broadcast> {};

TEST_P(EveryBroadcast, MakesTheCopyWhatTheSenderHas) {
  MeshFields copy = kFields;
  copy["cart/count"] = "2";
  copy["cart/items/A/qty"] = "1";
  copy["visit/requests"] = "2";
  const std::string bytes = Encode(GetParam());
  std::string_view rest = bytes;
  MeshMessage message;
  ASSERT_EQ(TakeMessage(&rest, &message), Parsed::kMessage);
  EXPECT_EQ(message.session, "s1");
  ASSERT_TRUE(ApplyMessage(GetParam(), message, &copy));
  EXPECT_EQ(copy, kFields);
  EXPECT_TRUE(rest.empty());
}

TEST_P(EveryBroadcast, NeedsTheWholeMessage) {
  const std::string bytes = Encode(GetParam());
  MeshMessage message;
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view part = std::string_view(bytes).substr(0, size);
    EXPECT_EQ(TakeMessage(&part, &message), Parsed::kNeedsMore);
    EXPECT_EQ(part.size(), size);
  }
}

INSTANTIATE_TEST_SUITE_P(MeshCodec, EveryBroadcast,
                         ::testing::Values(Broadcast::kSession, Broadcast::kAttribute,
                                           Broadcast::kField),
                         [](const auto& it) { return BroadcastName(it.param); });

// The sizes that bench/README.md gives: 4 + 2 + id, then 2 + name + 4 + value for each entry.
TEST(MeshCodec, BytesAreThoseOfTheDescription) {
  EXPECT_EQ(Encode(Broadcast::kField).size(),
            4 + 2 + 2 + (6 + 16 + 1) + (6 + 10 + 1) + (6 + 14 + 1));
  const size_t cart = (6 + 10 + 1) + (6 + 16 + 1) + (6 + 16 + 1);
  const size_t visit = 6 + 14 + 1;
  EXPECT_EQ(Encode(Broadcast::kSession).size(), 4 + 2 + 2 + cart + (6 + 9 + 3) + visit);
  EXPECT_EQ(Encode(Broadcast::kAttribute).size(), 4 + 2 + 2 + (6 + 4 + cart) + (6 + 5 + visit));
}

TEST(MeshCodec, AttributesThatDidNotChangeStay) {
  MeshFields copy = {{"user/name", "Bob"}, {"cart/items/C/qty", "1"}};
  const std::string bytes = Encode(Broadcast::kAttribute);
  std::string_view rest = bytes;
  MeshMessage message;
  ASSERT_EQ(TakeMessage(&rest, &message), Parsed::kMessage);
  ASSERT_TRUE(ApplyMessage(Broadcast::kAttribute, message, &copy));
  EXPECT_EQ(copy.at("user/name"), "Bob");
  EXPECT_EQ(copy.count("cart/items/C/qty"), 0u);
}

TEST(MeshCodec, DamagedBytesAreFound) {
  MeshMessage message;
  std::string_view huge("\xff\xff\xff\xff", 4);
  EXPECT_EQ(TakeMessage(&huge, &message), Parsed::kDamaged);
  std::string_view short_id("\0\0\0\2\0\5", 6);
  EXPECT_EQ(TakeMessage(&short_id, &message), Parsed::kDamaged);
}

}  // namespace
}  // namespace sessionhub::bench
