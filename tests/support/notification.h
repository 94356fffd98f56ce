// Notification: one thread tells others, once, that something has happened. As
// testing::Notification, whose library is not built for the thread sanitizer: what it orders looks
// like a race there.
#ifndef TESTS_SUPPORT_NOTIFICATION_H_
#define TESTS_SUPPORT_NOTIFICATION_H_

#include <condition_variable>
#include <mutex>

namespace sessionhub::testing {

// Any thread may call anything.
class Notification {
 public:
  void Notify() {
    // Held while others are woken, as one of them may destroy this.
    const std::lock_guard<std::mutex> lock(mutex_);
    notified_ = true;
    changed_.notify_all();
  }

  bool HasBeenNotified() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return notified_;
  }

  void WaitForNotification() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return notified_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool notified_ = false;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_NOTIFICATION_H_
