#include "bench/compare/session_copies.h"

#include <gtest/gtest.h>

#include "bench/compare/store_settings.h"

namespace sessionhub::bench {
namespace {

const SessionFields kLoaded = {{"f00", "a"}, {"f01", "b"}};
const SessionFields kChange = {{"f01", "c"}};
const SessionFields kChanged = {{"f00", "a"}, {"f01", "c"}};

class SessionCopiesTest : public ::testing::Test {
 protected:
  std::optional<SessionFields> Fields() {
    std::optional<SessionCopies::Found> found = copies_.Find("id");
    if (!found) return std::nullopt;
    return found->fields;
  }
  void Load() { copies_.Keep("id", kLoaded, copies_.Begin("id")); }

  SessionCopies::Time now_{};
  SessionCopies copies_{[this] { return now_; }};
};

TEST_F(SessionCopiesTest, FindsWhatIsKept) {
  EXPECT_EQ(Fields(), std::nullopt);
  const SessionCopies::Told begun = copies_.Begin("id");
  EXPECT_EQ(Fields(), std::nullopt) << "it is not loaded yet";
  copies_.Keep("id", kLoaded, begun);
  EXPECT_EQ(Fields(), kLoaded);
}

TEST_F(SessionCopiesTest, IsToldOfChanges) {
  Load();
  copies_.Apply("id", kChange);
  EXPECT_EQ(Fields(), kChanged);
  copies_.Put("id", kChange);
  EXPECT_EQ(Fields(), kChange);
  copies_.Drop("id");
  EXPECT_EQ(Fields(), std::nullopt);
}

TEST_F(SessionCopiesTest, AChangeOfAnUnknownSessionMakesNoCopy) {
  copies_.Apply("id", kChange);
  EXPECT_EQ(Fields(), std::nullopt);
}

TEST_F(SessionCopiesTest, WhatIsToldWhileItIsLoadedWins) {
  const SessionCopies::Told before_change = copies_.Begin("id");
  copies_.Apply("id", kChange);
  copies_.Keep("id", kLoaded, before_change);
  EXPECT_EQ(Fields(), std::nullopt);

  const SessionCopies::Told before_drop = copies_.Begin("id");
  copies_.Drop("id");
  copies_.Keep("id", kLoaded, before_drop);
  EXPECT_EQ(Fields(), std::nullopt);

  const SessionCopies::Told before_loss = copies_.Begin("id");
  copies_.DropAll();
  copies_.Begin("id");
  copies_.Keep("id", kLoaded, before_loss);
  EXPECT_EQ(Fields(), std::nullopt);

  const SessionCopies::Told before_put = copies_.Begin("id");
  copies_.Put("id", kChanged);
  copies_.Keep("id", kLoaded, before_put);
  EXPECT_EQ(Fields(), kChanged);
}

TEST_F(SessionCopiesTest, ATouchIsDueOncePerPause) {
  Load();
  EXPECT_FALSE(copies_.Find("id")->touch_due);
  now_ += kTouchPause;
  EXPECT_TRUE(copies_.Find("id")->touch_due);
  EXPECT_FALSE(copies_.Find("id")->touch_due);
  now_ += kTouchPause;
  copies_.Apply("id", kChange);
  EXPECT_FALSE(copies_.Find("id")->touch_due) << "a change tells as much";
}

TEST_F(SessionCopiesTest, EndsWithTheSession) {
  Load();
  now_ += kSessionLife;
  EXPECT_EQ(Fields(), std::nullopt);
}

}  // namespace
}  // namespace sessionhub::bench
