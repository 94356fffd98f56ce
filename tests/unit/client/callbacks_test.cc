#include "client/cpp/src/callbacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/notification.h"

namespace sessionhub::client {
namespace {

using ::testing::ElementsAre;

TEST(Callbacks, TheOwnThreadRunsAllInOrderBeforeStopEnds) {
  Callbacks callbacks({});
  std::vector<int> ran;
  for (int i = 1; i <= 3; ++i) {
    callbacks.Run([&ran, i] {
      EXPECT_TRUE(Callbacks::InCallback());
      ran.push_back(i);
    });
  }
  callbacks.Stop();
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
  EXPECT_FALSE(Callbacks::InCallback());
}

TEST(Callbacks, RunsOnTheCallerAfterStop) {
  std::vector<std::function<void()>> given;
  Callbacks own({});
  Callbacks others([&given](std::function<void()> callback) { given.push_back(callback); });
  for (Callbacks* callbacks : {&own, &others}) {
    callbacks->Stop();
    std::thread::id ran_on;
    callbacks->Run([&ran_on] { ran_on = std::this_thread::get_id(); });
    EXPECT_EQ(ran_on, std::this_thread::get_id());
  }
  EXPECT_TRUE(given.empty()) << "the executor may be gone";
}

TEST(Callbacks, IsFullAtTheBoundAndNotOneBeforeIt) {
  Callbacks callbacks({});
  testing::Notification running, go_on;
  callbacks.Run([&] {
    running.Notify();
    go_on.WaitForNotification();
  });
  running.WaitForNotification();
  for (size_t i = 1; i < Callbacks::kWaitingMax; ++i) callbacks.Run([] {});
  EXPECT_FALSE(callbacks.Full());
  callbacks.Run([] {});
  EXPECT_TRUE(callbacks.Full());
  go_on.Notify();
  callbacks.Stop();
  EXPECT_FALSE(callbacks.Full());
}

TEST(Callbacks, RunHereRunsAtOnceAsACallback) {
  bool in_callback = false;
  Callbacks::RunHere([&in_callback] { in_callback = Callbacks::InCallback(); });
  EXPECT_TRUE(in_callback);
  EXPECT_FALSE(Callbacks::InCallback());
}

TEST(Callbacks, DestructionWaitsForTheOwnThread) {
  bool ran = false;
  {
    Callbacks callbacks({});
    callbacks.Run([&ran] { ran = true; });
  }
  EXPECT_TRUE(ran);
}

// The last that holds the client may be a callback, when it is destroyed.
TEST(Callbacks, WhatACallbackHoldsGoesInsideIt) {
  auto callbacks = std::make_unique<Callbacks>(Callbacks::Executor());
  testing::Notification gone;
  struct Held {
    explicit Held(testing::Notification* told) : gone(told) {}
    ~Held() {
      EXPECT_TRUE(Callbacks::InCallback());
      gone->Notify();
    }
    testing::Notification* gone;
  };
  callbacks->Run([held = std::make_shared<Held>(&gone)] {});
  gone.WaitForNotification();
}

TEST(Callbacks, MayBeDestroyedInACallback) {
  auto* callbacks = new Callbacks({});
  testing::Notification done;
  callbacks->Run([callbacks, &done] {
    delete callbacks;
    done.Notify();
  });
  done.WaitForNotification();
}

}  // namespace
}  // namespace sessionhub::client
