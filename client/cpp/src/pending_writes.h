// PendingWrites: what this node has committed and its copies do not hold yet. Pure.
//
// A write is first waiting for its answer. Once it is answered it is kept only until the copy of
// its session has caught up with it, so that a View never loses a change that it has shown. Writes
// keep session numbers, never handles or encoded frames, so that they can be sent again on any
// stream.
#ifndef CLIENT_CPP_SRC_PENDING_WRITES_H_
#define CLIENT_CPP_SRC_PENDING_WRITES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"

namespace sessionhub::client {

// Names a call that waits, for as long as the client lives.
using Token = uint64_t;

struct PendingWrite {
  uint64_t seq = 0;
  Token token = 0;
  SessionNumber session = 0;
  Delta delta;
  size_t bytes = 0;

  bool sent = false;  // on the present stream
  bool sent_ever = false;
  bool answered = false;  // applied, as (from, to]; from 0: only known to be in `to`
  bool included = false;  // the copy holds it, whatever its answer will say
  Version from = 0;
  Version to = 0;
};

class PendingWrites {
 public:
  explicit PendingWrites(size_t bytes_max) : bytes_max_(bytes_max) {}

  // ResourceExhausted if `bytes` more are over the bound.
  absl::Status CheckRoom(size_t bytes) const;

  // The newest write gets the next sequence number.
  PendingWrite* Add(Token token, SessionNumber session, Delta delta);

  // Pointers are good until the write is removed. nullptr if there is none.
  PendingWrite* Find(uint64_t seq);
  // The writes of a session, in seq order; also those that its copy includes and that wait for
  // answers.
  const std::vector<PendingWrite*>& Of(SessionNumber session) const;

  // The next write to send on this stream; nullptr if there is none, or if `in_flight_max` are
  // already sent and not answered.
  PendingWrite* NextToSend(size_t in_flight_max);
  void MarkSent(PendingWrite* write);

  // The answer of `write` is here. It stays until Remove, as part of what Views show.
  void MarkAnswered(PendingWrite* write);
  void Remove(PendingWrite* write);

  // A new stream: everything without an answer is to be sent again, in order.
  void Rewind();
  // A new incarnation: forgets all writes and numbers from 1. Returns the tokens of those that had
  // no answer, in order.
  std::vector<Token> Restart();
  // The same, but the numbers go on growing: the incarnation stays.
  std::vector<Token> Clear();

  // Every write up to this number has its answer.
  uint64_t answered_through() const { return answered_through_; }
  size_t unanswered() const { return unanswered_; }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_max_;
  std::map<uint64_t, PendingWrite> writes_;
  absl::flat_hash_map<SessionNumber, std::vector<PendingWrite*>> by_session_;
  uint64_t last_seq_ = 0;
  uint64_t sent_through_ = 0;  // on this stream
  uint64_t answered_through_ = 0;
  size_t in_flight_ = 0;
  size_t unanswered_ = 0;
  size_t bytes_ = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_PENDING_WRITES_H_
