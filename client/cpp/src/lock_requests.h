// LockRequests: the requests for locks that the hub has not answered, and the locks that it is to
// be given back. Pure.
//
// A request keeps its number when it is sent again after a cut: the hub recognises the grant whose
// answer was lost.
#ifndef CLIENT_CPP_SRC_LOCK_REQUESTS_H_
#define CLIENT_CPP_SRC_LOCK_REQUESTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "client/cpp/src/near_cache.h"
#include "client/cpp/src/pending_writes.h"
#include "proto/session/ids.h"

namespace sessionhub::client {

// What a caller asks for.
struct LockWish {
  std::chrono::milliseconds lease{0};
  std::chrono::milliseconds wait{0};
  uint64_t prolongs = 0;  // token of the lock that is held; 0: a new one
};

struct LockRequest {
  uint32_t request = 0;
  Token token = 0;
  SessionNumber number = 0;
  std::chrono::milliseconds lease{0};
  Time wait_until;
  uint64_t prolongs = 0;
  bool sent = false;  // on the present stream
  bool sent_ever = false;
  bool wanted = true;  // somebody waits for the answer

  // Granted, if the token is not 0: told once the copy is at `version`.
  uint64_t lock_token = 0;
  Version version = 0;
  Time until;  // the lock ends by itself then, as seen from here
};

// A lock to be given back.
struct LockReturn {
  SessionNumber number = 0;
  uint64_t lock_token = 0;
  Time until;  // it ends by itself then
};

class LockRequests {
 public:
  static constexpr size_t kPendingMax = 1024;
  static constexpr size_t kToldMax = 1024;
  static constexpr size_t kReturnsMax = 10'000;

  // ResourceExhausted past kPendingMax.
  absl::Status Add(Token token, SessionNumber number, const LockWish& wish, Time now);
  // Those whose session has a lock to be given back first wait. nullptr if no other is unsent. Good
  // until the next call that is not const.
  LockRequest* NextUnsent();
  // nullptr if it is not there, or not of a lock. Good until the next call that is not const.
  LockRequest* Find(uint32_t request);
  std::optional<LockRequest> Take(uint32_t request);
  // Takes those that are granted and whose session is `ready`.
  std::vector<LockRequest> TakeGranted(const std::function<bool(const LockRequest&)>& ready);
  // The caller does not wait any more. What is granted is given back; what may be granted
  // nevertheless is asked for, without a wait, until that is known.
  void Forget(Token token);

  // A lock that was granted and has ended before it could be told is asked for anew.
  void AskAgain(Time now);

  // A lock that is not needed any more. Past kReturnsMax the oldest ends with its lease.
  void Return(SessionNumber number, uint64_t lock_token, Time until);
  // The next ones to tell the hub of, at most `count_max`: of those that may go, in order. Also if
  // they have ended as seen from here: at the hub an outage does not count.
  std::vector<LockReturn> TakeReturns(size_t count_max,
                                      const std::function<bool(const LockReturn&)>& may_go);
  bool HasReturns() const { return !returns_.empty(); }
  bool HasTold() const { return !told_.empty(); }

  // The stream broke: all are to be sent again; of the locks given back, the newest kToldMax that
  // have not ended yet, which may have been on their way.
  void Cut(Time now);
  // Removes all and returns the tokens of those that somebody waits for.
  std::vector<Token> Clear();

  // True for the number of a request for a lock; other requests have lower ones.
  static bool Numbers(uint32_t request) { return request > kNumbersFrom; }
  size_t size() const { return requests_.size(); }

 private:
  static constexpr uint32_t kNumbersFrom = 1u << 31;

  uint32_t last_request_ = kNumbersFrom;
  std::map<uint32_t, LockRequest> requests_;
  std::vector<LockReturn> returns_;  // to be told
  std::deque<LockReturn> told_;      // on the present stream
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_LOCK_REQUESTS_H_
