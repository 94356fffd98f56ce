// What is written comes back: paths as text and as bytes, operations and deltas on the wire.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "proto/session/path.h"
#include "proto/session/wire.h"
#include "tests/support/generators.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::ForEachCase;
using ::sessionhub::testing::OneIn;
using ::sessionhub::testing::Random;
using ::sessionhub::testing::RandomBytes;
using ::sessionhub::testing::RandomDelta;
using ::sessionhub::testing::RandomPath;
using ::sessionhub::testing::RandomText;
using ::sessionhub::testing::RandomWildPath;

constexpr int kRoundTrips = 5000;

TEST(RoundTrip, PathsByTheirText) {
  ForEachCase(kRoundTrips, [](Random& random) {
    const Path path = RandomWildPath(random);
    const absl::StatusOr<Path> again = Path::FromText(path.ToText());
    ASSERT_OK(again);
    EXPECT_EQ(*again, path) << path.ToText();
    EXPECT_EQ(*Path::FromSegments(path.Segments()), path) << path.ToText();
    EXPECT_EQ(path.Segments().size(), path.SegmentCount());
  });
}

TEST(RoundTrip, AnyTextIsRefusedOrComesBack) {
  ForEachCase(kRoundTrips, [](Random& random) {
    const std::string text = OneIn(random, 2) ? RandomBytes(random, 6) : RandomText(random, 6);
    const absl::StatusOr<Path> path = Path::FromText(text);
    if (path.ok()) {
      EXPECT_EQ(path->ToText(), text);
    }
  });
}

TEST(RoundTrip, CoversSaysWhatTheSegmentsSay) {
  ForEachCase(kRoundTrips, [](Random& random) {
    const Path a = RandomPath(random);
    const Path b = RandomPath(random);
    const std::vector<std::string> upper = a.Segments();
    const std::vector<std::string> lower = b.Segments();
    const bool is_prefix =
        upper.size() <= lower.size() && std::equal(upper.begin(), upper.end(), lower.begin());
    EXPECT_EQ(a.Covers(b), is_prefix) << a.ToText() << " " << b.ToText();
    EXPECT_EQ(a < b, upper < lower) << a.ToText() << " " << b.ToText();
  });
}

// As a stream does it: some paths get numbers, the rest go inline.
class PathNumbers {
 public:
  uint32_t Number(const Path& path) {
    if (OneIn(*random_, 3)) return 0;
    auto [it, fresh] = numbers_.try_emplace(path, static_cast<uint32_t>(numbers_.size() + 1));
    if (fresh) paths_[it->second] = path;
    return it->second;
  }
  const Path* Find(uint32_t number) const {
    auto it = paths_.find(number);
    return it == paths_.end() ? nullptr : &it->second;
  }
  explicit PathNumbers(Random* random) : random_(random) {}

 private:
  Random* random_;
  std::map<Path, uint32_t> numbers_;
  std::map<uint32_t, Path> paths_;
};

TEST(RoundTrip, DeltasOnTheWire) {
  ForEachCase(kRoundTrips, [](Random& random) {
    Delta delta = RandomDelta(random, 8, nullptr);
    delta.if_version = random() % 3;
    delta.after_previous = random() % 2 == 0;
    if (random() % 2 == 0) delta.conditions.push_back({RandomPath(random), true, 0});
    if (random() % 2 == 0) delta.conditions.push_back({RandomPath(random), false, random()});
    PathNumbers numbers(&random);
    v1::Delta wire;
    EncodeDelta(
        delta, [&](const Path& path) { return numbers.Number(path); }, &wire);
    v1::Delta parsed;
    ASSERT_TRUE(parsed.ParseFromString(wire.SerializeAsString()));
    const absl::StatusOr<Delta> decoded = DecodeDelta(
        parsed, [&](uint32_t number) { return numbers.Find(number); },
        v1::FEATURE_SPLICE | v1::FEATURE_CONDITIONS | v1::FEATURE_AFTER_PREVIOUS);
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, delta) << wire.DebugString();
  });
}

// Whatever parses is decoded or refused; nothing that is refused by the decoder is half there.
TEST(RoundTrip, BrokenBytesAreRefusedOrMeanSomethingLegal) {
  ForEachCase(kRoundTrips, [](Random& random) {
    v1::Delta wire;
    for (const Operation& operation : RandomDelta(random, 4, nullptr).operations) {
      EncodeOp(
          operation, [](const Path&) { return 0; }, wire.add_ops());
    }
    std::string bytes = wire.SerializeAsString();
    if (bytes.empty()) return;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    v1::Delta parsed;
    if (!parsed.ParseFromString(bytes)) return;
    const absl::StatusOr<Delta> decoded = DecodeDelta(
        parsed, [](uint32_t) { return nullptr; }, v1::FEATURE_SPLICE);
    if (!decoded.ok()) {
      EXPECT_FALSE(decoded.status().message().empty());
      return;
    }
    if (!CheckDelta(*decoded, Limits()).ok()) return;
    FieldMap fields;
    if (Apply(*decoded, &fields).ok()) {
      EXPECT_LE(fields.size(), decoded->operations.size());
    } else {
      EXPECT_TRUE(fields.empty());
    }
  });
}

}  // namespace
}  // namespace sessionhub
