// ReferenceModel: what a hub and its nodes come to, the obvious way: each session is a map of
// fields, and each delta is decided when it is reached, by the words of docs/client.md. It is shown
// the inputs of every turn that has become durable, in their order, and then knows each answer,
// each stored field and each name; whatever differs is an error that says what. It remembers
// everything, has no shards, and takes no part in the run.
#ifndef TESTS_SIMULATION_REFERENCE_MODEL_H_
#define TESTS_SIMULATION_REFERENCE_MODEL_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "hub/shard/input.h"
#include "hub/store/store.h"
#include "proto/session/delta.h"
#include "proto/session/limits.h"
#include "sessionhub/v1/frames.pb.h"
#include "tests/simulation/sights.h"
#include "tests/support/guarantees.h"

namespace sessionhub::simulation {

inline absl::Status Differs(const std::string& how) {
  return absl::DataLossError("differs from the model: " + how);
}

inline std::string Name(SessionNumber session) {
  return "session " + std::to_string(session);
}

class ReferenceModel {
 public:
  // `now_us` (hub time) and `converged` are not owned. Each version of each session is shown to
  // `converged`, so that every copy is compared with it.
  ReferenceModel(const Limits& limits, uint64_t resend_horizon_us, const uint64_t* now_us,
                 testing::Converged* converged)
      : limits_(limits),
        resend_horizon_us_(resend_horizon_us),
        now_us_(now_us),
        converged_(converged) {}

  uint64_t now_us() const { return *now_us_; }
  // How often each kind of thing has happened.
  void Count(const std::string& kind) { ++counts_[kind]; }
  const Sights& counts() const { return counts_; }

  // ---- what nodes do and are told ----

  // A node sends its delta `seq`, and means this session by it.
  absl::Status Sent(const Incarnation& node, uint64_t seq, SessionNumber session);
  // A node is answered about its delta `seq`.
  absl::Status Answered(const Incarnation& node, uint64_t seq, const v1::Item& item) const;
  // An Open of `id`, sent at this hub time, is answered.
  absl::Status Opened(const v1::Open& open, uint64_t sent_at_us, const v1::Opened& opened);
  // A change of id, asked for at this hub time, is answered.
  absl::Status IdChanged(SessionNumber session, const std::string& id, uint64_t asked_at_us,
                         const absl::Status& status);
  // A commit that was made only if the one before it is applied. Both are told by their marks.
  void Committed(SessionNumber session, const Path& mark, const Path& previous) {
    chains_.push_back({session, mark, previous});
  }

  // ---- what the hub does ----

  // A turn of `shard` over these inputs is in the store.
  absl::Status Turn(uint32_t shard, const std::vector<hub::Input>& inputs, const hub::Store& store);
  // The hub is gone, and with it all its streams.
  void HubGone() { attaches_.clear(), current_.clear(); }
  // A hub starts on this store: what it finds reserved may be refused as an id given up.
  void HubStarts(const hub::Store& store);
  // The store is again what it was when `copy` was made of this, in a history of its own.
  void GoBackTo(const ReferenceModel& copy, testing::Converged* converged);
  // The disk is too full for sessions to be created, or is so no more.
  void SetDiskFull(bool full) {
    disk_full_until_us_ = disk_full_ ? now_us() : disk_full_until_us_;
    disk_full_ = full;
  }
  // Sessions that were ended for their owner since the last call.
  std::vector<SessionNumber> TakeEndedForOwner() { return std::exchange(ended_for_owner_, {}); }

  // ---- at any time ----

  absl::Status CheckStored(const hub::Store& store) const;
  // That no commit is applied without the one before it that it asked for.
  absl::Status CheckChains() const;
  // That no session lives on past its absolute timeout, a second after all shards have looked.
  absl::Status CheckNoneOverdue() const;
  // True if its absolute timeout has come.
  bool IsDue(SessionNumber session) const {
    const auto known = sessions_.find(session);
    return known != sessions_.end() && IsDue(known->second);
  }
  // The sessions that live, with their ids.
  std::map<SessionNumber, std::string> Living() const;
  // True if the delta with this mark was applied or refused.
  bool IsDecided(SessionNumber session, const Path& mark) const {
    return applied_.contains({session, mark}) || refused_.contains({session, mark});
  }
  // Where it was applied; nothing if it was not.
  std::optional<Version> AppliedAt(SessionNumber session, const Path& mark) const;

 private:
  struct Session {
    FieldMap fields;
    std::map<Path, Version> versions;  // of the fields that are there
    std::map<Path, Version> touched;   // the last that changed a path, by whatever it was
    Version version = 1;
    Version last_erase = 0;
    bool dead = false;
    std::string id;
    std::string owner;
    bool idles = false;        // it has an idle timeout
    uint64_t absolute_us = 0;  // when it ends whatever happens, in hub time; 0: never
    std::map<Incarnation, bool> last_refused;  // the newest delta of a node
  };
  struct Sending {
    SessionNumber session = 0;
    std::string id;  // that the session had then
  };
  struct Decision {
    bool applied = false;
    bool either = false;  // the end of the session was decided in the same turn, before or after it
    Version version = 0;
    v1::RefusalReason reason = v1::REFUSAL_UNSPECIFIED;
  };
  struct Naming {
    SessionNumber session = 0;
    std::string id;
    uint64_t from_us = 0;
    uint64_t until_us = UINT64_MAX;  // with its alias window
    uint64_t given_up_us = UINT64_MAX;
  };
  struct Chain {
    SessionNumber session = 0;
    Path mark, previous;
  };
  using DeltaKey = std::pair<Incarnation, uint64_t>;
  using Marked = std::pair<SessionNumber, Path>;

  void Take(uint32_t shard, const hub::Input& input);
  absl::Status Commit(uint32_t shard, const hub::CommitInput& input);
  absl::StatusOr<Decision> Decide(const hub::CommitInput& input, const Incarnation& node,
                                  SessionNumber number, Session* session);
  absl::Status CheckConditions(const Delta& delta, const Session& session);
  absl::Status CheckTruth(const Delta& delta, const Session& session) const;
  void Change(const Delta& delta, FieldMap after, Session* session);
  void NoteDecided(const hub::CommitInput& input, const Decision& decision, SessionNumber number);
  void EndForOwner(const hub::DeleteInput& input);
  absl::Status Tick(const std::vector<hub::Input>& inputs);
  bool IsDue(const Session& session) const {
    return session.absolute_us != 0 && session.absolute_us <= now_us();
  }
  void End(SessionNumber number, Session* session);
  void LoadStored(const hub::Store& store);
  absl::Status Learn(const hub::Store& store);
  absl::Status LearnIds(const std::vector<hub::Input>& inputs);
  // True if the session has had more than one id.
  bool HasHadOthers(SessionNumber session) const {
    return std::count_if(namings_.begin(), namings_.end(),
                         [session](const Naming& naming) { return naming.session == session; }) > 1;
  }
  void Rename(SessionNumber number, const std::string& id, uint64_t alias_us);
  absl::Status CompareStored() const;
  bool Led(const std::string& id, SessionNumber session, uint64_t from_us) const;
  bool Taken(const std::string& id, SessionNumber but, uint64_t from_us) const;

  const Limits limits_;
  const uint64_t resend_horizon_us_;
  const uint64_t* const now_us_;
  bool disk_full_ = false;
  uint64_t disk_full_until_us_ = 0;  // the last time that it was; 0: never
  testing::Converged* converged_;
  Sights counts_;
  std::map<SessionNumber, Session> sessions_;
  std::vector<Naming> namings_;
  std::set<std::pair<std::string, SessionNumber>> left_reserved_;  // by an earlier hub
  std::map<DeltaKey, Sending> sent_;
  std::map<DeltaKey, Decision> decided_;
  std::map<Marked, Version> applied_;
  std::set<Marked> refused_;
  std::vector<Chain> chains_;
  std::vector<SessionNumber> ended_for_owner_;
  // Of this life of the hub.
  std::map<std::pair<hub::NodeNumber, uint32_t>, Incarnation> attaches_;
  std::map<std::pair<uint32_t, hub::NodeNumber>, uint32_t> current_;  // by shard
  // Of the turn.
  std::set<SessionNumber> unclear_;
  hub::Loaded stored_;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_REFERENCE_MODEL_H_
