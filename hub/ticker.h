// Ticker: calls a function again and again on a thread of its own, until it is destroyed.
#ifndef HUB_TICKER_H_
#define HUB_TICKER_H_

#include <pthread.h>

#include <functional>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace sessionhub::hub {

class Ticker {
 public:
  Ticker(absl::Duration period, std::function<void()> tick)
      : thread_([this, period, tick = std::move(tick)] {
          pthread_setname_np(pthread_self(), "ticker");
          while (!stopped_.WaitForNotificationWithTimeout(period)) tick();
        }) {}

  ~Ticker() {
    stopped_.Notify();
    thread_.join();
  }

  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  absl::Notification stopped_;
  std::thread thread_;
};

}  // namespace sessionhub::hub

#endif  // HUB_TICKER_H_
