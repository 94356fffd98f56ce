// The bytes of stored keys: golden, and in the order that ranges need.
#include "hub/store/keys.h"

#include <algorithm>
#include <random>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub::keys {
namespace {

using ::sessionhub::testing::PathOf;

TEST(KeysGoldenTest, BytesNeverChange) {
  EXPECT_EQ(ToHex(OfName({0xab, 0x01020304, "id"})),
            "ab0102030401"
            "6964");
  EXPECT_EQ(ToHex(OfName({0, 1, std::string(256, 'x')})).substr(0, 16), "0000000001ff7878");
  EXPECT_EQ(ToHex(NamesOf(0xab, 0x01020304)), "ab01020304");
  EXPECT_EQ(ToHex(OfSession(0x0102030405060708)), "080102030405060708");
  EXPECT_EQ(ToHex(OfField(0x0102030405060708, PathOf("a/bc"))),
            "080102030405060708"
            "6100"
            "626300");
  EXPECT_EQ(ToHex(OfField(0x0107, Path())), "070000000000000107");
  EXPECT_EQ(ToHex(OfDue({0x07, 0x1122334455667788, 0x0107})),
            "07"
            "1122334455667788"
            "0000000000000107");
  EXPECT_EQ(ToHex(OwnedIn(0xab, 0x01020304, "me")),
            "ab0102030401"
            "6d65");
  EXPECT_EQ(ToHex(OfOwner({0x01020304, "me", 0x01ab})),
            "ab0102030401"
            "6d65"
            "00000000000001ab");
  EXPECT_EQ(ToHex(OfFolder()), "01");
  EXPECT_EQ(ToHex(OfHubTime()), "02");
  EXPECT_EQ(ToHex(OfSessionCount(0xfe)), "03fe");
  EXPECT_EQ(ToHex(OfApp("shop")), "0473686f70");
  EXPECT_EQ(ToHex(OfAppNumber(0x01020304)), "0501020304");
  EXPECT_EQ(ToHex(OfIncarnation({0xaa, 0xbb})), "06aabb0000000000000000000000000000");
  EXPECT_EQ(ToHex(OfLastSeen({0xaa, 0xbb})), "08aabb0000000000000000000000000000");
  EXPECT_EQ(ToHex(OfServedTime()), "09");
  EXPECT_EQ(ToHex(OfAppSessions({0xfe, 0x01020304})), "0afe01020304");
  EXPECT_EQ(ToHex(AllAppSessions()), "0a");
  EXPECT_EQ(ToHex(EncodeNumber(0x0102030405060708)), "0102030405060708");
}

TEST(KeysTest, NamesAreParsedBack) {
  for (const NameKey& name : {NameKey{0, 1, "a"}, NameKey{255, ~0u, std::string(256, '\xff')},
                              NameKey{7, 2, std::string("\0x\0", 3)}}) {
    EXPECT_EQ(ParseName(OfName(name)), name);
  }
}

TEST(KeysTest, ForeignBytesAreNotParsed) {
  const std::string name = OfName({7, 1, "abc"});
  EXPECT_EQ(ParseName(""), std::nullopt);
  EXPECT_EQ(ParseName(name.substr(0, 6)), std::nullopt);
  EXPECT_EQ(ParseName(name + "d"), std::nullopt);
  EXPECT_EQ(ParseFieldPath(OfSession(7)), std::nullopt);
  EXPECT_EQ(ParseFieldPath(OfSession(7) + "unended"), std::nullopt);
  EXPECT_EQ(ParseDue(OfDue({7, 1, 2}) + "x"), std::nullopt);
  EXPECT_EQ(ParseAppNumber(OfApp("shop")), std::nullopt);
  EXPECT_EQ(ParseAppNumber(""), std::nullopt);
  EXPECT_EQ(DecodeNumber("1234567"), std::nullopt);
}

TEST(KeysTest, DueAndNumbersAreParsedBack) {
  for (const uint64_t number : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 40, ~uint64_t{0}}) {
    const DueKey due = {200, number, ~number};
    EXPECT_EQ(ParseDue(OfDue(due)), due);
    EXPECT_EQ(DecodeNumber(EncodeNumber(number)), number);
  }
  EXPECT_EQ(ParseAppNumber(OfAppNumber(77)), 77u);
  EXPECT_EQ(ParseLastSeen(OfLastSeen({1, 2, 3})), (Incarnation{1, 2, 3}));
  EXPECT_EQ(ParseLastSeen(OfIncarnation({1, 2, 3})), std::nullopt);
  EXPECT_EQ(ParseAppSessions(OfAppSessions({0xfe, ~0u})), (AppSlot{0xfe, ~0u}));
  EXPECT_EQ(ParseAppSessions(OfAppSessions({0xfe, 1}) + "x"), std::nullopt);
  EXPECT_EQ(ParseAppSessions(OfAppNumber(77)), std::nullopt);
}

TEST(KeysTest, OwnersArePrefixFreeAndTheirSessionsParsedBack) {
  for (const std::string& owner :
       {std::string("a"), std::string(255, 'o'), std::string("\0b", 2)}) {
    const std::string prefix = OwnedIn(7, 1, owner);
    EXPECT_EQ(ParseOwned(OfOwner({1, owner, 0x0107}), prefix.size()), 0x0107u);
    EXPECT_EQ(ParseOwned(OfOwner({1, owner + "x", 0x0107}), prefix.size()), std::nullopt);
  }
  EXPECT_NE(OfOwner({1, "a", 0x0107}).substr(0, 7), OwnedIn(7, 1, "ab").substr(0, 7));
}

TEST(KeysTest, FieldsAreOrderedBySessionThenPath) {
  const std::vector<std::string> ordered = {
      OfField(0x0107, PathOf("a")),     OfField(0x0107, PathOf("a/b")),
      OfField(0x0107, PathOf("a/b/c")), OfField(0x0107, PathOf("a/c")),
      OfField(0x0107, PathOf("a!")),    OfField(0x0107, PathOf("b")),
      OfField(0x0207, PathOf("a")),     OfField(0x010007, PathOf("a")),
      OfField(0x0108, PathOf("a"))};
  EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
}

TEST(KeysTest, DueEntriesAreOrderedBySlotThenTime) {
  const std::vector<std::string> ordered = {OfDue({1, 255, 9}), OfDue({1, 256, 1}),
                                            OfDue({1, 256, 256}), OfDue({1, 1 << 20, 1}),
                                            OfDue({2, 0, 0})};
  EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
}

TEST(KeysTest, WhoseAKeyIsCanBeReadFromIt) {
  const SessionNumber session = MakeSessionNumber(7, 300);
  EXPECT_EQ(ParseSession(OfSession(session)), session);
  EXPECT_EQ(ParseSession(OfField(session, PathOf("a/b"))), session);
  EXPECT_EQ(ParseSession(OfSession(session).substr(1)), std::nullopt) << "too short";
  std::string elsewhere = OfSession(session);
  elsewhere[0] = 8;
  EXPECT_EQ(ParseSession(elsewhere), std::nullopt) << "in another slot than the session's";
  const OwnerKey owner = {3, "ada", session};
  EXPECT_EQ(ParseOwner(OfOwner(owner)), owner);
  EXPECT_EQ(ParseOwner(OfOwner(owner).substr(0, 10)), std::nullopt);
}

TEST(KeysTest, EndOfIsAboveEverythingWithThePrefixAndNothingElse) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto bytes = [&](size_t count) {
    std::string text;
    // Few different bytes, so that 0xff and common prefixes are frequent.
    for (size_t i = 0; i < count; ++i) text.push_back("\x00\x01\xfe\xff"[random() % 4]);
    return text;
  };
  for (int i = 0; i < 10000; ++i) {
    const std::string prefix = bytes(random() % 3) + "\x07" + bytes(random() % 3);
    const std::string key = bytes(random() % 6);
    const bool has_prefix = key.compare(0, prefix.size(), prefix) == 0;
    EXPECT_EQ(key >= prefix && key < EndOf(prefix), has_prefix)
        << ToHex(prefix) << " " << ToHex(key);
  }
}

}  // namespace
}  // namespace sessionhub::hub::keys
