#include "client/cpp/src/tracked_image.h"

#include <gtest/gtest.h>

#include <string>

#include "proto/session/json.h"
#include "tests/support/paths.h"
#include "tests/support/seed.h"

namespace sessionhub::client {
namespace {

using testing::Below;
using testing::OneIn;
using testing::P;
using testing::Random;

FieldMap Json(const std::string& document) {
  return FieldsOfJson(P("o"), document).value();
}

class TrackedImageTest : public ::testing::Test {
 protected:
  // Sends what changes; the number of the commit, 0 if there is nothing to send.
  uint64_t Commit(const std::string& document) {
    now_ = Json(document);
    sent_ = image_.Changes(now_);
    return sent_.operations.empty() ? 0 : image_.Sent(now_);
  }
  // The paths that the last commit named.
  std::string Said() const {
    std::string paths;
    for (const Operation& operation : sent_.operations) paths += operation.path.ToText() + " ";
    return paths;
  }

  TrackedImage image_{P("o"), Json(R"({"a":1,"b":1,"c":{"x":1,"y":1}})")};
  FieldMap now_;
  Delta sent_;
};

TEST_F(TrackedImageTest, WhatIsAsItWasSaysNothing) {
  EXPECT_EQ(Commit(R"({"c":{"y":1,"x":1},"b":1,"a":1})"), 0u);
}

TEST_F(TrackedImageTest, AnAppliedCommitIsWhatTheNextIsComparedWith) {
  const uint64_t first = Commit(R"({"a":2,"b":1,"c":{"x":1,"y":1}})");
  EXPECT_EQ(Said(), "o/a ");
  image_.Applied(first);
  EXPECT_EQ(Commit(R"({"a":2,"b":1,"c":{"x":1,"y":1}})"), 0u);
  Commit(R"({"a":2,"b":1})");
  EXPECT_EQ(Said(), "o/c ");
}

TEST_F(TrackedImageTest, ARefusedCommitChangedNothing) {
  image_.Refused(Commit(R"({"a":2,"b":1,"c":{"x":1,"y":1}})"));
  EXPECT_NE(Commit(R"({"a":2,"b":2,"c":{"x":1,"y":1}})"), 0u);
  EXPECT_EQ(Said(), "o/a o/b ");
  image_.Refused(2);
  EXPECT_EQ(Commit(R"({"a":1,"b":1,"c":{"x":1,"y":1}})"), 0u);
}

TEST_F(TrackedImageTest, AnUnknownCommitIsSaidAgainEvenIfTheObjectIsAsItWasBefore) {
  image_.Unknown(Commit(R"({"a":2,"b":1,"c":{"x":1,"y":1}})"));
  const uint64_t second = Commit(R"({"a":1,"b":1,"c":{"x":1,"y":1}})");
  EXPECT_EQ(Said(), "o/a ");
  image_.Refused(second);
  const uint64_t third = Commit(R"({"a":1,"b":1,"c":{"x":1,"y":1}})");
  EXPECT_EQ(Said(), "o/a ");
  image_.Applied(third);
  EXPECT_EQ(Commit(R"({"a":1,"b":1,"c":{"x":1,"y":1}})"), 0u);
}

TEST_F(TrackedImageTest, ABranchInDoubtIsSaidAgain) {
  image_.Unknown(Commit(R"({"a":1,"b":1})"));
  EXPECT_EQ(Said(), "o/c ");
  Commit(R"({"a":1,"b":1,"c":{"x":1,"y":1}})");
  EXPECT_EQ(Said(), "o/c/x o/c/y ");
  EXPECT_NE(Commit(R"({"a":1,"b":1})"), 0u);
  EXPECT_EQ(Said(), "o/c ");
}

TEST_F(TrackedImageTest, CommitsOnTheirWayAreInDoubtUntilALaterOneIsApplied) {
  const uint64_t first = Commit(R"({"a":2,"b":1,"c":{"x":1,"y":1}})");
  const uint64_t second = Commit(R"({"a":2,"b":2,"c":{"x":1,"y":1}})");
  EXPECT_EQ(Said(), "o/a o/b ");
  image_.Applied(second);
  EXPECT_EQ(Commit(R"({"a":2,"b":2,"c":{"x":1,"y":1}})"), 0u);
  image_.Applied(first);  // told late: it was before the second
  EXPECT_EQ(Commit(R"({"a":2,"b":2,"c":{"x":1,"y":1}})"), 0u);
}

TEST_F(TrackedImageTest, AnEarlierAppliedCommitDoesNotEndTheDoubtOfALaterOne) {
  const uint64_t first = Commit(R"({"a":2,"b":1,"c":{"x":1,"y":1}})");
  const uint64_t second = Commit(R"({"a":2,"b":2,"c":{"x":1,"y":1}})");
  image_.Unknown(second);
  image_.Applied(first);
  EXPECT_NE(Commit(R"({"a":2,"b":1,"c":{"x":1,"y":1}})"), 0u);
  EXPECT_EQ(Said(), "o/a o/b ");
}

// Random commits that end in any way: whenever one is applied, the session holds the object as it
// was then, whichever of the unknown ones came through.
TEST(TrackedImage, NoChangeIsEverLost) {
  testing::ForEachCase(3000, [](Random& random) {
    static const char* kDocuments[] = {
        R"({"a":1})", R"({"a":2,"b":1})", R"({"a":{"x":1}})", R"({"a":{"x":2,"y":3}})", "7",
        "{}",         R"({"b":[1]})"};
    const auto document = [&] { return Json(kDocuments[Below(random, std::size(kDocuments))]); };
    FieldMap session = document();
    TrackedImage image(P("o"), session);
    struct OnItsWay {
      uint64_t number;
      Delta delta;
      FieldMap now;
    };
    std::vector<OnItsWay> on_their_way;
    for (int step = 0; step < 12; ++step) {
      if (on_their_way.size() < 3 && !OneIn(random, 3)) {
        FieldMap now = document();
        Delta delta = image.Changes(now);
        if (delta.operations.empty()) {
          EXPECT_TRUE(!on_their_way.empty() || session == now);
          continue;
        }
        on_their_way.push_back({image.Sent(now), delta, now});
      } else if (!on_their_way.empty()) {
        const OnItsWay first = on_their_way.front();
        on_their_way.erase(on_their_way.begin());
        const bool known = OneIn(random, 2);
        const bool applied = OneIn(random, 2);
        ASSERT_TRUE(!applied || Apply(first.delta, &session).ok());
        if (!known) {
          image.Unknown(first.number);
        } else if (applied) {
          image.Applied(first.number);
        } else {
          image.Refused(first.number);
        }
        EXPECT_TRUE(!applied || session == first.now);
      }
    }
  });
}

}  // namespace
}  // namespace sessionhub::client
