// PendingWrites: what this node has committed and its copies do not hold yet. Pure.
//
// A write is first waiting for its answer. Once it is answered it is kept only until the copy of
// its session has caught up with it, so that a View never loses a change that it has shown. Writes
// keep session numbers, never handles or encoded frames, so that they can be sent again on any
// stream.
#ifndef CLIENT_CPP_SRC_PENDING_WRITES_H_
#define CLIENT_CPP_SRC_PENDING_WRITES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "client/cpp/src/splices.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"
#include "sessionhub/options.h"

namespace sessionhub::client {

// Names a call that waits, for as long as the client lives.
using Token = uint64_t;

struct PendingWrite {
  uint64_t seq = 0;
  Token token = 0;
  SessionNumber session = 0;
  Delta delta;      // with whole values
  Splices splices;  // what may go out in place of some of them
  size_t bytes = 0;
  Ack ack = Ack::kDurable;

  bool spliced = false;  // sent with its splices last
  // Refused by the hub, and to be sent again as a new delta (repeats.cc).
  bool waiting = false;
  uint64_t previous_refused = 0;  // the write before it that is refused for good; 0: none
  bool sent = false;              // on the present stream
  bool sent_ever = false;
  bool told = false;           // the caller was told that the hub has taken it in
  bool asks_delivery = false;  // on the present stream the hub was asked to tell of its delivery
  bool answered = false;       // applied, as (from, to]; from 0: only known to be in `to`
  bool included = false;       // the copy holds it, whatever its answer will say
  Version from = 0;
  Version to = 0;
};

// What a write counts against ClientOptions::pending_bytes_max: its content and, for the memory
// beside that, so much for itself and for each operation.
inline constexpr size_t kPendingWriteBytes = 256;
inline constexpr size_t kPendingOperationBytes = 128;
size_t WriteBytes(const Delta& delta, const Splices& splices);

class PendingWrites {
 public:
  explicit PendingWrites(size_t bytes_max) : bytes_max_(bytes_max) {}

  // ResourceExhausted if `bytes` more are over the bound.
  absl::Status CheckRoom(size_t bytes) const;

  // The newest write gets the next sequence number.
  PendingWrite* Add(Token token, SessionNumber session, Delta delta, Ack ack = Ack::kDurable,
                    Splices splices = {});

  // Pointers are good until the write is removed. nullptr if there is none.
  PendingWrite* Find(uint64_t seq);
  // The writes of a session, in seq order; also those that its copy includes and that wait for
  // answers.
  const std::vector<PendingWrite*>& Of(SessionNumber session) const;

  // Takes note that the hub has received every write up to `seq`, and returns those that it has not
  // been noted for.
  std::vector<PendingWrite*> TakeReceived(uint64_t seq);

  // The next write to send on this stream; nullptr if there is none, or if `in_flight_max` are
  // already sent and not answered.
  PendingWrite* NextToSend(size_t in_flight_max);
  void MarkSent(PendingWrite* write);

  // The answer of `write` is here. It stays until Remove, as part of what Views show.
  void MarkAnswered(PendingWrite* write);
  void Remove(PendingWrite* write);

  // The hub has refused it, and it is not at its end: it waits for Requeue.
  void MarkWaiting(PendingWrite* write);
  // Makes new deltas of the writes of a session that wait, with whole values, before everything
  // that was never sent. While writes wait, nothing is sent that was never sent.
  void Requeue(SessionNumber session);
  // Until `write` is answered, the hub is not told that the refusal of `seq`, on which the hub's
  // decision about `write` depends, was seen.
  void HoldSeen(PendingWrite* write, uint64_t seq);

  // A new stream: everything without an answer is to be sent again, in order.
  void Rewind();
  // A new incarnation: forgets all writes and numbers from 1. Returns those that had no answer, in
  // order.
  std::vector<PendingWrite> Restart();
  // The same, but the numbers go on growing: the incarnation stays.
  std::vector<PendingWrite> Clear();

  // Every write up to this number has its answer, and the hub may forget it.
  uint64_t answered_through() const {
    return held_.empty() ? answered_through_ : std::min(answered_through_, *held_.begin() - 1);
  }
  size_t unanswered() const { return unanswered_; }
  size_t bytes() const { return bytes_; }

 private:
  void MoveAnsweredThrough();

  size_t bytes_max_;
  std::map<uint64_t, PendingWrite> writes_;
  absl::flat_hash_map<SessionNumber, std::vector<PendingWrite*>> by_session_;
  uint64_t last_seq_ = 0;
  uint64_t sent_through_ = 0;  // on this stream
  uint64_t received_through_ = 0;
  uint64_t answered_through_ = 0;
  std::multiset<uint64_t> held_;  // by HoldSeen
  size_t waiting_ = 0;
  size_t in_flight_ = 0;
  size_t unanswered_ = 0;
  size_t bytes_ = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_PENDING_WRITES_H_
