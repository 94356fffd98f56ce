// Touches: which uses of copies the hub is still to be told, so that a session that is only read
// does not expire. Pure. A session is told at most once in a tenth of its idle timeout; one without
// such a timeout never.
#ifndef CLIENT_CPP_SRC_TOUCHES_H_
#define CLIENT_CPP_SRC_TOUCHES_H_

#include <chrono>
#include <set>
#include <utility>

#include "client/cpp/src/near_cache.h"

namespace sessionhub::client {

class Touches {
 public:
  // The copy was used. A touch that comes at least as often as frames do waits for the next frame;
  // one of a shorter timeout is urgent: it makes a frame of its own.
  void Used(Copy* copy, Time now, std::chrono::milliseconds heartbeat);
  // The hub learns of a use otherwise, at this time.
  static void Told(Copy* copy, Time now);

  // The use cannot be told before this time.
  void Postpone(Copy* copy, Time until);

  // The next session whose touch may go out, in no order worth relying on; 0: none. Every one is
  // given once.
  SessionNumber Take(Time now);
  // When a frame must go out for a touch alone; Time::max() for never.
  Time urgent_at() const { return urgent_.empty() ? Time::max() : urgent_.begin()->first; }

 private:
  using Queue = std::set<std::pair<Time, SessionNumber>>;

  Queue patient_;
  Queue urgent_;
};

// True if a use of this copy waits to be told, and then it does so no more.
bool TakeUse(Copy* copy);

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_TOUCHES_H_
