// The laws of deltas: Apply(s, Diff(s, t)) = t; Merge(a, b) applied = a, then b, applied.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/session/delta.h"
#include "proto/session/diff.h"
#include "proto/session/limits.h"
#include "tests/support/generators.h"
#include "tests/support/paths.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::ForEachCase;
using ::sessionhub::testing::P;
using ::sessionhub::testing::Random;
using ::sessionhub::testing::RandomApplicableDelta;
using ::sessionhub::testing::RandomBytes;
using ::sessionhub::testing::RandomDelta;
using ::sessionhub::testing::RandomFields;

constexpr int kDeltaCases = 5000;
constexpr size_t kFieldsMax = 12;
constexpr size_t kOperationsMax = 8;

std::string ToText(const FieldMap& fields) {
  std::string text;
  for (const auto& [path, value] : fields) {
    text += path.ToText() + " = " + value.DebugString() + "\n";
  }
  return text;
}

std::string ToText(const Delta& delta) {
  static constexpr const char* kKinds[] = {"put", "erase", "erase subtree", "increment", "splice"};
  std::string text = delta.deletes_session ? "delete session\n" : "";
  for (const Operation& operation : delta.operations) {
    text += std::string(kKinds[static_cast<int>(operation.kind)]) + " " + operation.path.ToText() +
            " " + operation.value.DebugString() + "\n";
  }
  return text;
}

// Applies one operation after the other, without the atomicity that Apply adds. Also true to say:
// no operation here can be half-applied.
bool ApplyOneByOne(const Delta& delta, FieldMap* fields) {
  for (const Operation& operation : delta.operations) {
    if (!Apply(Delta{{operation}}, fields).ok()) return false;
  }
  return true;
}

TEST(DeltaLaws, ApplyingTheDiffGivesTheOtherState) {
  ForEachCase(kDeltaCases, [](Random& random) {
    const FieldMap from = RandomFields(random, kFieldsMax);
    const FieldMap to = RandomFields(random, kFieldsMax);
    const Delta diff = Diff(from, to);
    FieldMap fields = from;
    ASSERT_OK(Apply(diff, &fields));
    EXPECT_EQ(fields, to) << ToText(from) << "->\n" << ToText(to) << "by\n" << ToText(diff);
    EXPECT_LE(diff.operations.size(), from.size() + to.size());
  });
}

TEST(DeltaLaws, ApplyingTheDiffOfBytesGivesTheOtherBytes) {
  ForEachCase(kDeltaCases, [](Random& random) {
    std::string from = RandomBytes(random, 40);
    // Few letters, so that beginnings and ends are alike, and overlap.
    for (char& letter : from) letter = static_cast<char>('a' + (letter & 1));
    std::string to = from;
    to.replace(random() % (to.size() + 1), random() % 8, RandomBytes(random, 3));
    const Operation splice = DiffBytes(P("a"), from, to);
    FieldMap fields = {{P("a"), Value::Bytes(from)}};
    ASSERT_OK(Apply(Delta{{splice}}, &fields));
    ASSERT_EQ(fields.at(P("a")), Value::Bytes(to));
    ASSERT_LE(splice.value.SizeBytes(), 3u);
  });
}

TEST(DeltaLaws, TheDiffOfWhatADeltaDidDoesTheSame) {
  ForEachCase(kDeltaCases, [](Random& random) {
    const FieldMap before = RandomFields(random, kFieldsMax);
    FieldMap after = before;
    ASSERT_OK(Apply(RandomApplicableDelta(random, kOperationsMax, before), &after));
    FieldMap fields = before;
    ASSERT_OK(Apply(Diff(before, after), &fields));
    EXPECT_EQ(fields, after);
  });
}

TEST(DeltaLaws, MergedIsBothInOrder) {
  ForEachCase(kDeltaCases, [](Random& random) {
    const FieldMap start = RandomFields(random, kFieldsMax);
    FieldMap both = start;
    const Delta first = RandomApplicableDelta(random, kOperationsMax, both);
    ASSERT_OK(Apply(first, &both));
    const Delta second = RandomApplicableDelta(random, kOperationsMax, both);
    ASSERT_OK(Apply(second, &both));

    const Delta merged = Merge(first, second);
    FieldMap at_once = start;
    ASSERT_OK(Apply(merged, &at_once));
    EXPECT_EQ(at_once, both) << ToText(start) << "first\n"
                             << ToText(first) << "second\n"
                             << ToText(second) << "merged\n"
                             << ToText(merged);
    EXPECT_LE(merged.operations.size(), first.operations.size() + second.operations.size());
  });
}

TEST(DeltaLaws, AChainMergedInAnyOrderOfPairsIsTheChain) {
  ForEachCase(kDeltaCases / 5, [](Random& random) {
    const FieldMap start = RandomFields(random, kFieldsMax);
    FieldMap chain = start;
    std::vector<Delta> deltas;
    for (int i = 0; i < 4; ++i) {
      deltas.push_back(RandomApplicableDelta(random, kOperationsMax, chain));
      ASSERT_OK(Apply(deltas.back(), &chain));
    }
    const Delta from_left = Merge(Merge(Merge(deltas[0], deltas[1]), deltas[2]), deltas[3]);
    const Delta from_right = Merge(deltas[0], Merge(deltas[1], Merge(deltas[2], deltas[3])));
    for (const Delta& merged : {from_left, from_right}) {
      FieldMap fields = start;
      ASSERT_OK(Apply(merged, &fields));
      EXPECT_EQ(fields, chain) << ToText(merged);
    }
  });
}

TEST(DeltaLaws, ADeltaAppliesWhollyOrNotAtAll) {
  int failures = 0;
  ForEachCase(kDeltaCases, [&failures](Random& random) {
    const FieldMap before = RandomFields(random, kFieldsMax);
    const Delta delta = RandomDelta(random, kOperationsMax, &before);
    FieldMap one_by_one = before;
    const bool applies = ApplyOneByOne(delta, &one_by_one);
    FieldMap fields = before;
    EXPECT_EQ(Apply(delta, &fields).ok(), applies) << ToText(before) << "by\n" << ToText(delta);
    EXPECT_EQ(fields, applies ? one_by_one : before) << ToText(before) << "by\n" << ToText(delta);
    failures += applies ? 0 : 1;
  });
  RecordProperty("deltas_that_fail", failures);
}

TEST(DeltaLaws, WhatTheGeneratorsMakeIsWithinTheLimits) {
  ForEachCase(kDeltaCases, [](Random& random) {
    EXPECT_OK(CheckDelta(RandomDelta(random, kOperationsMax, nullptr), Limits()));
  });
}

}  // namespace
}  // namespace sessionhub
