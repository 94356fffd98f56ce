// WaitFor: until a condition holds, for what a test cannot be told by a notification.
#ifndef TESTS_SUPPORT_WAIT_FOR_H_
#define TESTS_SUPPORT_WAIT_FOR_H_

#include <poll.h>

#include <chrono>
#include <functional>

namespace sessionhub::testing {

// Far beyond what any wait takes on a busy machine; only a failing test sees it.
inline constexpr std::chrono::seconds kPatience{30};

// Looks every other millisecond. False if `condition` does not hold within `patience`.
inline bool WaitFor(const std::function<bool()>& condition,
                    std::chrono::milliseconds patience = kPatience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_WAIT_FOR_H_
