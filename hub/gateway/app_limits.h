// AppLimits: what one app may take of a hub that others use, too: sessions, streams at a time, and
// deltas and bytes in a second.
//
// Rates are kept by not reading: who is over waits until what was read is paid for, and feels it as
// flow control, so that nothing is refused that a quieter second would have let in.
#ifndef HUB_GATEWAY_APP_LIMITS_H_
#define HUB_GATEWAY_APP_LIMITS_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::hub {

// Of each app; 0: no limit.
struct AppLimitsOptions {
  uint64_t streams_max = 0;
  uint64_t deltas_per_s_max = 0;
  uint64_t bytes_per_s_max = 0;  // of frames that nodes send
  uint64_t sessions_max = 0;     // at first; see SetSessionsMax
};

// Safe from any thread. Times are hub time.
class AppLimits {
 public:
  // Apps without a stream of which it is known what they owe. Past it the one that has paid first
  // is forgotten.
  static constexpr size_t kDebtorsMax = 1'024;

  explicit AppLimits(const AppLimitsOptions& options)
      : options_(options), sessions_max_(options.sessions_max) {}

  // Another bound from here on; 0: none. Sessions that are past it stay.
  void SetSessionsMax(uint64_t sessions_max) { sessions_max_ = sessions_max; }
  uint64_t sessions_max() const { return sessions_max_; }
  // Whether an app that has `sessions` may get one more; ResourceExhausted names the limit. Those
  // that are being created do not count: the limit may be passed by as many.
  absl::Status CheckSessions(const std::string& app, uint64_t sessions) const;

  // One stream more; ResourceExhausted names the limit if there are as many as may be. Each that
  // was let in is to leave.
  absl::Status Enter(const std::string& app) ABSL_LOCKS_EXCLUDED(mutex_);
  // What the app owes is kept, so that nobody gets rid of it by attaching anew.
  void Leave(const std::string& app, uint64_t now_us) ABSL_LOCKS_EXCLUDED(mutex_);

  // Something was read from a stream of the app, at most a frame; nothing happens if it has none.
  void Charge(const std::string& app, uint64_t deltas, uint64_t bytes, uint64_t now_us)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // False while what was read is not paid for: at most a second's worth is read ahead of its time,
  // and one frame of each stream.
  bool MayRead(const std::string& app, uint64_t now_us) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether a stream was told not to read since the last question; whoever asks lets them try
  // again.
  bool TakeWaited() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // When all that was read is paid for; a second before now: a whole second's worth is free.
  struct Account {
    uint64_t paid_at_us = 0;
    uint64_t rest = 0;  // of a microsecond, in parts of one by the rate
  };
  // Of apps that have a stream, or owe something.
  struct App {
    uint64_t streams = 0;
    Account deltas;
    Account bytes;

    uint64_t paid_at_us() const { return std::max(deltas.paid_at_us, bytes.paid_at_us); }
  };

  static void Pay(uint64_t amount, uint64_t per_s_max, uint64_t now_us, Account* account);
  void ForgetDebtors(uint64_t now_us) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  bool has_rates() const { return options_.deltas_per_s_max != 0 || options_.bytes_per_s_max != 0; }

  const AppLimitsOptions options_;
  std::atomic<uint64_t> sessions_max_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, App> apps_ ABSL_GUARDED_BY(mutex_);
  size_t debtors_ ABSL_GUARDED_BY(mutex_) = 0;  // apps without a stream
  bool waited_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_APP_LIMITS_H_
