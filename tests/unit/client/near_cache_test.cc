#include "client/cpp/src/near_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::client {
namespace {

using ::testing::ElementsAre;
using Outcome = NearCache::Outcome;

Delta Put(const std::string& path, Value value) {
  Delta delta;
  delta.operations.push_back({Operation::Kind::kPut, *Path::FromText(path), std::move(value)});
  return delta;
}

size_t FieldBytes(const Copy& copy) {
  size_t bytes = 0;
  for (const auto& [path, value] : copy.fields->map) bytes += FieldSizeBytes(path, value);
  return bytes;
}

TEST(NearCache, AppliesIntervalsThatTile) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  EXPECT_EQ(cache.Apply(copy, 0, 1, Put("x", 1)), Outcome::kApplied);
  EXPECT_EQ(cache.Apply(copy, 0, 1, Put("x", 2)), Outcome::kOld);
  EXPECT_EQ(cache.Apply(copy, 2, 3, Put("x", 3)), Outcome::kGap);
  EXPECT_EQ(copy->version, 1u);
  EXPECT_EQ(copy->fields->map.begin()->second, Value(1));
}

TEST(NearCache, ACopyInsideACatchUpsIntervalTakesIt) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  cache.Apply(copy, 0, 5, Put("x", 1));
  EXPECT_EQ(cache.Install(copy, false, 6, 8, Put("x", 2)), Outcome::kGap);
  EXPECT_EQ(cache.Install(copy, false, 3, 5, Put("x", 2)), Outcome::kOld);
  EXPECT_EQ(cache.Install(copy, false, 3, 8, Put("x", 3)), Outcome::kApplied);
  EXPECT_EQ(copy->version, 8u);
  EXPECT_EQ(cache.Install(copy, true, 0, 9, Put("y", 1)), Outcome::kApplied);
  EXPECT_EQ(copy->fields->map.size(), 1u);
}

TEST(NearCache, TheHubIsRightIfItsDataAreOlder) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  cache.Apply(copy, 0, 10, Put("x", 1));
  copy->version_told = 10;
  EXPECT_EQ(cache.Install(copy, true, 0, 8, Put("y", 2)), Outcome::kReverted);
  EXPECT_EQ(copy->version, 8u);
  EXPECT_EQ(copy->fields->map.size(), 1u);
  EXPECT_EQ(copy->fields->map.begin()->second, Value(2));
  EXPECT_EQ(cache.Apply(copy, 8, 9, Put("y", 3)), Outcome::kApplied);
}

TEST(NearCache, ACatchUpThatWasOvertakenIsOld) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  cache.Apply(copy, 0, 10, Put("x", 1));
  copy->version_told = 10;
  cache.Apply(copy, 10, 12, Put("x", 2));
  EXPECT_EQ(cache.Install(copy, true, 0, 11, Put("x", 1)), Outcome::kOld);
  EXPECT_EQ(copy->version, 12u);
}

TEST(NearCache, AChangeThatDoesNotApplyIsAGapAndChangesNothing) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  cache.Apply(copy, 0, 1, Put("x", "text"));
  Delta increment = Put("y", 1);
  increment.operations.push_back({Operation::Kind::kIncrement, *Path::FromText("x"), Value(1)});
  EXPECT_EQ(cache.Apply(copy, 1, 2, increment), Outcome::kGap);
  EXPECT_EQ(copy->fields->map.size(), 1u);
  EXPECT_EQ(copy->version, 1u);
}

TEST(NearCache, AViewKeepsItsFieldsWhileTheCopyChanges) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  cache.Apply(copy, 0, 1, Put("x", 1));
  const ViewImpl view(copy->version, copy->fields);
  cache.Apply(copy, 1, 2, Put("x", 2));
  EXPECT_EQ(view.fields->map.begin()->second, Value(1));
  EXPECT_EQ(copy->fields->map.begin()->second, Value(2));
}

TEST(NearCache, ChangesInPlaceWhenNobodyLooks) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  cache.Apply(copy, 0, 1, Put("x", 1));
  { const ViewImpl view(copy->version, copy->fields); }
  const SharedFields* before = copy->fields.get();
  cache.Apply(copy, 1, 2, Put("x", 2));
  EXPECT_EQ(copy->fields.get(), before);
}

TEST(NearCache, CountsBytesByWhatIsTouched) {
  NearCache cache;
  Copy* copy = cache.Add("a", 7);
  const size_t empty = cache.bytes();
  cache.Apply(copy, 0, 1, Put("cart/x", "12345"));
  Delta twice = Put("cart/x", "1");
  twice.operations.push_back(Put("cart/x", "1234567").operations[0]);
  twice.operations.push_back(Put("cart/y", true).operations[0]);
  cache.Apply(copy, 1, 2, twice);
  EXPECT_EQ(copy->bytes, FieldBytes(*copy));
  EXPECT_EQ(cache.bytes(), empty + FieldBytes(*copy));
  Delta erase;
  erase.operations.push_back({Operation::Kind::kEraseSubtree, *Path::FromText("cart"), Value()});
  cache.Apply(copy, 2, 3, erase);
  EXPECT_EQ(cache.bytes(), empty);
}

TEST(NearCache, EvictsTheLeastRecentlyUsedThatNobodyHolds) {
  NearCache cache;
  for (SessionNumber number = 1; number <= 4; ++number) {
    cache.SetHandle(cache.Add("s" + std::to_string(number), number),
                    static_cast<uint32_t>(number + 10));
  }
  const size_t one = cache.bytes() / 4;
  cache.Touch(cache.Find(1));
  cache.Find(2)->pins = 1;
  const auto busy = [](const Copy& copy) { return copy.id == "s3"; };
  EXPECT_THAT(cache.Evict(3 * one, busy), ElementsAre(14u));
  EXPECT_THAT(cache.Evict(0, busy), ElementsAre(11u));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.FindByHandle(11), nullptr);
  EXPECT_EQ(cache.FindById("s1"), nullptr);
}

TEST(NearCache, ANewCopyOfAnOldNumberIsNotTheOldOne) {
  NearCache cache;
  const CopyRef old = cache.Add("a", 7)->ref;
  cache.Drop(cache.Find(7));
  Copy* fresh = cache.Add("a", 7);
  EXPECT_EQ(cache.Find(old), nullptr);
  EXPECT_EQ(cache.Find(fresh->ref), fresh);
}

TEST(NearCache, AHandleMeansOneCopy) {
  NearCache cache;
  Copy* a = cache.Add("a", 1);
  Copy* b = cache.Add("b", 2);
  cache.SetHandle(a, 5);
  cache.SetHandle(b, 5);
  EXPECT_EQ(cache.FindByHandle(5), b);
  EXPECT_EQ(a->handle, 0u);
  cache.VoidHandles();
  EXPECT_EQ(cache.FindByHandle(5), nullptr);
}

}  // namespace
}  // namespace sessionhub::client
