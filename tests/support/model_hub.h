// ModelHub: a hub as small and obvious as can be, for tests of clients. Single-threaded; no disk,
// no network, no limits. It keeps to docs/protocol.md; what a real hub may do in several ways
// (answers late, catch-ups in parts, on a lower lane, incremental or whole) it does at random, from
// a seed.
#ifndef TESTS_SUPPORT_MODEL_HUB_H_
#define TESTS_SUPPORT_MODEL_HUB_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "proto/session/delta.h"
#include "proto/session/ids.h"
#include "proto/session/path.h"
#include "proto/session/refusal.h"
#include "proto/session/state.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::testing {

class ModelHub {
 public:
  struct ModelSession {
    std::string id;
    SessionNumber number = 0;
    Version version = 1;
    Version last_erase_version = 0;
    bool dead = false;
    FieldMap fields;
    std::map<Path, Version> field_versions;
    // By incarnation: what was decided, as a real hub's dedupe keeps it.
    std::map<std::string, uint64_t> through_seq;
    std::map<std::string, std::map<uint64_t, Refusal>> refused;
  };

  explicit ModelHub(uint64_t seed) : random_(seed) {}

  // A stream of the node stands or is gone. What was queued for it is lost.
  void Connect(int stream);
  void Cut(int stream);
  // All leases end: handles are void at the next Attach.
  void EndLeases();
  // A restore from a copy of the data: the same sessions, another history.
  void ChangeHistory() { history_ = "history-2_______"; }
  // The incarnations seen so far are not known any more.
  void EndIncarnations() { ended_ = known_; }

  void Receive(int stream, const v1::NodeFrame& frame);
  // The next frame for this stream, with as many items as chance wants; nothing if none is queued.
  std::optional<v1::HubFrame> Take(int stream);
  bool Idle(int stream) const;

  // Handles that the node of this stream holds.
  size_t HandleCount(int stream) { return nodes_[streams_[stream].incarnation].handles.size(); }
  const ModelSession* FindSession(const std::string& id) const;
  void DeleteSession(const std::string& id);
  uint64_t applied() const { return applied_; }
  // Deltas refused because a splice met another base.
  uint64_t bases_changed() const { return bases_changed_; }

 private:
  struct Node {
    std::map<uint32_t, SessionNumber> handles;
    std::set<SessionNumber> live;  // pairs that get forwards
    bool confirmed = false;        // the node knows of this lease
  };
  struct StreamState {
    bool attached = false;
    std::string incarnation;
    std::map<uint32_t, std::string> paths;
    std::deque<v1::HubFrame> first;  // frames that are not items
    std::deque<v1::Item> lane;
    uint64_t lane_taken = 0;
    // Catch-ups: each with the number of lane items that must go before it. It may go later than
    // that.
    std::deque<std::pair<uint64_t, v1::Item>> low_lane;
  };

  void OnHello(StreamState* stream, const v1::Hello& hello);
  void OnOpen(StreamState* stream, const v1::Open& open);
  void OnDelta(StreamState* stream, uint64_t seq, const v1::Delta& wire);
  void Decide(StreamState* stream, ModelSession* session, uint64_t seq, const Delta& delta);
  void Forward(const std::string& committer, const ModelSession& session, const Delta& delta,
               const FieldMap& after);
  void CatchUp(StreamState* stream, uint32_t handle, ModelSession* session, Version version);
  void End(ModelSession* session);
  void Answer(StreamState* stream, uint64_t seq, v1::Item item);
  ModelSession* Create(const std::string& id);
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }

  std::mt19937_64 random_;
  std::string history_ = "history-1_______";
  std::map<SessionNumber, ModelSession> sessions_;
  std::map<std::string, SessionNumber> names_;
  std::map<std::string, Node> nodes_;  // by incarnation
  std::set<std::string> known_, ended_;
  std::map<int, StreamState> streams_;
  uint64_t applied_ = 0;
  uint64_t bases_changed_ = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_MODEL_HUB_H_
