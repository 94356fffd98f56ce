#include "hub/shard/dedupe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

using Kind = Recognised::Kind;

constexpr Incarnation kOne{1};
constexpr Incarnation kTwo{2};

void Apply(const Incarnation& incarnation, uint64_t seq, stored::Meta* meta) {
  meta->set_version(meta->version() + 1);
  RecordApplied(incarnation, seq, meta);
}

TEST(DedupeTest, WhatWasNeverDecidedIsNew) {
  stored::Meta meta;
  EXPECT_EQ(Recognise(meta, kOne, 1).kind, Kind::kNew);
  Apply(kOne, 5, &meta);
  EXPECT_EQ(Recognise(meta, kOne, 6).kind, Kind::kNew);
  EXPECT_EQ(Recognise(meta, kTwo, 5).kind, Kind::kNew);
}

TEST(DedupeTest, AppliedDeltasAreRecognisedWithAVersionThatIncludesThem) {
  stored::Meta meta;
  Apply(kOne, 3, &meta);
  Apply(kOne, 5, &meta);
  Apply(kTwo, 1, &meta);
  for (uint64_t seq : {3, 4, 5}) {
    const Recognised recognised = Recognise(meta, kOne, seq);
    EXPECT_EQ(recognised.kind, Kind::kApplied);
    EXPECT_EQ(recognised.version, 2u);
  }
}

TEST(DedupeTest, RefusedDeltasKeepTheirReason) {
  stored::Meta meta;
  Apply(kOne, 1, &meta);
  RecordRefused(kOne, 2, v1::WRONG_TYPE, &meta);
  Apply(kOne, 3, &meta);
  EXPECT_EQ(Recognise(meta, kOne, 2).kind, Kind::kRefused);
  EXPECT_EQ(Recognise(meta, kOne, 2).reason, v1::WRONG_TYPE);
  EXPECT_EQ(Recognise(meta, kOne, 1).kind, Kind::kApplied);
}

TEST(DedupeTest, SeenRefusalsAndWholeSeenRowsAreForgotten) {
  stored::Meta meta;
  RecordRefused(kOne, 1, v1::WRONG_TYPE, &meta);
  RecordRefused(kOne, 2, v1::OUT_OF_RANGE, &meta);
  Apply(kTwo, 4, &meta);
  const auto seen = [](uint64_t one, uint64_t two) {
    return [one, two](const Incarnation& incarnation) { return incarnation == kOne ? one : two; };
  };
  ForgetSeen(seen(1, 3), &meta);
  ASSERT_EQ(meta.writers_size(), 2);
  ASSERT_EQ(meta.writers(0).refused_size(), 1);
  EXPECT_EQ(meta.writers(0).refused(0).seq(), 2u);
  ForgetSeen(seen(2, 3), &meta);
  ASSERT_EQ(meta.writers_size(), 1);
  EXPECT_EQ(meta.writers(0).through_seq(), 4u);
  ForgetSeen(seen(0, 4), &meta);
  EXPECT_EQ(meta.writers_size(), 0);
}

TEST(DedupeTest, RowsAreBounded) {
  stored::Meta meta;
  for (int n = 0; n < kWritersMax; ++n) {
    Incarnation incarnation{static_cast<uint8_t>(n), static_cast<uint8_t>(n >> 8), 1};
    EXPECT_TRUE(HasRoomForWriter(meta, incarnation));
    Apply(incarnation, 1, &meta);
  }
  EXPECT_FALSE(HasRoomForWriter(meta, Incarnation{9, 9, 9}));
  EXPECT_TRUE(HasRoomForWriter(meta, Incarnation{0, 0, 1}));
}

TEST(DedupeTest, RefusalsInARowForOneReasonCountOnce) {
  stored::Meta meta;
  for (uint64_t seq : {2, 3, 7, 8}) RecordRefused(kOne, seq, v1::WRONG_TYPE, &meta);
  RecordRefused(kOne, 9, v1::OUT_OF_RANGE, &meta);
  Apply(kOne, 10, &meta);
  RecordRefused(kOne, 12, v1::OUT_OF_RANGE, &meta);
  EXPECT_EQ(meta.writers(0).refused_size(), 3);
  for (uint64_t seq : {2, 3, 7, 8}) {
    EXPECT_EQ(Recognise(meta, kOne, seq).kind, Kind::kRefused);
    EXPECT_EQ(Recognise(meta, kOne, seq).reason, v1::WRONG_TYPE);
  }
  EXPECT_EQ(Recognise(meta, kOne, 9).reason, v1::OUT_OF_RANGE);
  EXPECT_EQ(Recognise(meta, kOne, 10).kind, Kind::kApplied);
  EXPECT_TRUE(LastWasRefused(meta, kOne));
  ForgetSeen([](const Incarnation&) { return 7; }, &meta);
  EXPECT_EQ(Recognise(meta, kOne, 8).kind, Kind::kRefused) << "its answer was not seen";
  ForgetSeen([](const Incarnation&) { return 8; }, &meta);
  EXPECT_EQ(meta.writers(0).refused_size(), 2);
}

TEST(DedupeTest, RefusalsThatNobodyHasSeenAreBounded) {
  stored::Meta meta;
  uint64_t seq = 0;
  for (int run = 0; run < kRefusedRunsMax; ++run) {
    EXPECT_FALSE(RefusalsAreFull(meta, kOne));
    RecordRefused(kOne, ++seq, v1::WRONG_TYPE, &meta);
    Apply(kOne, ++seq, &meta);
  }
  EXPECT_TRUE(RefusalsAreFull(meta, kOne));
  EXPECT_FALSE(RefusalsAreFull(meta, kTwo));
  for (int n = 0; n < 5; ++n) RecordRefused(kOne, ++seq, v1::LIMIT_EXCEEDED, &meta);
  EXPECT_EQ(meta.writers(0).refused_size(), kRefusedRunsMax + 1);
  EXPECT_EQ(Recognise(meta, kOne, seq).reason, v1::LIMIT_EXCEEDED);
  ForgetSeen([](const Incarnation&) { return 1; }, &meta);
  ForgetSeen([](const Incarnation&) { return 3; }, &meta);
  EXPECT_FALSE(RefusalsAreFull(meta, kOne));
}

TEST(DedupeTest, IncludedSeqIsTheLastDecidedDelta) {
  stored::Meta meta;
  EXPECT_EQ(IncludedSeq(meta, kOne), 0u);
  Apply(kOne, 3, &meta);
  RecordRefused(kOne, 7, v1::WRONG_TYPE, &meta);
  EXPECT_EQ(IncludedSeq(meta, kOne), 7u);
  EXPECT_EQ(IncludedSeq(meta, kTwo), 0u);
}

TEST(DedupeTest, RowsOfEndedIncarnationsGoAndTheOthersAreNotedAsLookedAt) {
  const Incarnation ended{1};
  const Incarnation alive{2};
  const Incarnation unasked{3};
  stored::Meta meta;
  for (const Incarnation& writer : {ended, alive, unasked}) RecordApplied(writer, 1, &meta);
  const auto look = [&](const Incarnation& incarnation) -> std::optional<bool> {
    if (incarnation == unasked) return std::nullopt;
    return incarnation == alive;
  };
  ForgetEnded(look, 100, &meta);
  EXPECT_EQ(IncludedSeq(meta, ended), 0u);
  EXPECT_EQ(IncludedSeq(meta, alive), 1u);
  EXPECT_EQ(IncludedSeq(meta, unasked), 1u);
  for (const stored::Writer& writer : meta.writers()) EXPECT_EQ(writer.checked(), 100u);

  ForgetEnded(look, 200, &meta);
  EXPECT_THAT(WritersToCheck(meta, 299, 200), ::testing::IsEmpty());
  EXPECT_THAT(WritersToCheck(meta, 300, 200), ::testing::ElementsAre(unasked));
  EXPECT_THAT(WritersToCheck(meta, 300, 0), ::testing::ElementsAre(alive, unasked));
}

TEST(DedupeTest, ARowThatNobodyHasLookedAtIsLookedAtOnlyWithAllOthers) {
  stored::Meta meta;
  RecordApplied(Incarnation{1}, 1, &meta);
  EXPECT_THAT(WritersToCheck(meta, 1'000'000, 5), ::testing::IsEmpty());
  EXPECT_THAT(WritersToCheck(meta, 1'000'000, 0), ::testing::ElementsAre(Incarnation{1}));
}

}  // namespace
}  // namespace sessionhub::hub
