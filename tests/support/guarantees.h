// The promises of docs/guarantees.md as checkers, one for each, with the same names. Whoever runs a
// system under test keeps a Ledger of what its applications did and were told, and shows the
// checkers what is stored and what travels. A checker's error says which promise is broken, and by
// what.
#ifndef TESTS_SUPPORT_GUARANTEES_H_
#define TESTS_SUPPORT_GUARANTEES_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"
#include "proto/session/state.h"
#include "tests/support/lane.h"

namespace sessionhub::testing {

// A delta that an application has committed. Each increments the field `mark/<writer>.<index>`,
// which no other delta touches, and the field `count`; so what is stored tells which deltas it
// holds, and how often.
struct Write {
  enum class Outcome { kOpen, kApplied, kRefused, kUnknown };
  // What a restore of an older copy of the store has made of it.
  enum class Restored { kNever, kKept, kLost };

  std::string writer;  // one life of one node
  uint64_t index = 0;  // of this writer, from 1
  SessionNumber session = 0;
  bool deletes = false;  // ends the session instead
  bool repeats = false;  // may be sent anew, behind later ones of its writer
  Outcome outcome = Outcome::kOpen;
  Version version = 0;  // kApplied: one that includes it
  std::string why;      // kRefused, kUnknown: what the application was told
  // kLost: it was made in the history that the restore has ended, and is not in the copy.
  Restored restored = Restored::kNever;
  Version kept_through = 0;  // kKept: the version that its session has in the copy
  uint64_t lock_token = 0;   // under which it was made; 0: none

  std::string Name() const { return writer + "." + std::to_string(index); }
};

// What all applications did, in the order in which they did it.
using Ledger = std::vector<Write>;

// The operations that make `write` recognisable.
std::vector<Operation> MarksOf(const Write& write);

// What is stored of a session.
struct StoredSession {
  bool dead = false;
  SessionState state;
  std::map<Path, Version> changed;  // the version that last changed a field
};
using StoredSessions = std::map<SessionNumber, StoredSession>;

// Every delta that was told applied is stored, as long as its session lives. `expired` have ended
// by themselves.
absl::Status Durable(const Ledger& ledger, const StoredSessions& stored,
                     const std::set<SessionNumber>& expired = {});
// A writer's deltas of a session have versions in the order in which it committed them.
absl::Status Ordered(const Ledger& ledger);
// No delta is stored twice, none that was refused is stored at all, and increments are all counted.
absl::Status Once(const Ledger& ledger, const StoredSessions& stored);
// The same of what a node shows: its own delta is in a View once, pending or not.
absl::Status Once(const FieldMap& shown, const std::string& holder);
// What others than its writer have seen of a delta: the marks that `shown` and the store have held.
class Witnesses {
 public:
  // `holder` is the life of a node, whose own marks may be of deltas that are still pending; empty
  // for the store.
  void See(const FieldMap& shown, const std::string& holder);
  // No delta that was refused was ever seen by others, also if its session has ended since.
  absl::Status Once(const Ledger& ledger) const;

  // A node has this text in memory, and sets Page() to it.
  void Had(const std::string& text) { texts_.insert(text); }
  // Of two nodes that change parts of one text, the later wins: no mixture is ever shown or stored.
  absl::Status MergedNotLost(const FieldMap& shown, const std::string& holder) const;
  static Path Page();

 private:
  std::set<std::string> marks_, texts_;
};
// A session that was told deleted stays dead, and nothing of one life shows in another; nor does
// what a restore has lost, in any.
absl::Status NoResurrection(const Ledger& ledger, const StoredSessions& stored);
// The field that a writer alone puts holds that writer's last applied put, whatever others did.
absl::Status MergedNotLost(const Ledger& ledger, const StoredSessions& stored);

// An Open that asked for a version shows that one or a newer one.
absl::Status Fresh(Version asked, Version shown, const std::string& holder);
// A node that answers from a copy has heard the hub at most `stale_max` ago.
absl::Status Fresh(std::chrono::microseconds silence, std::chrono::microseconds stale_max,
                   const std::string& holder);

// What something takes, and the most that it may take.
struct Measure {
  std::string what;
  uint64_t size = 0;
  uint64_t max = 0;
};
// Nothing takes more than it may.
absl::Status Bounded(const std::vector<Measure>& measures);

// What is known of a session with an idle timeout, in time in which a hub was up.
struct Idleness {
  SessionNumber session = 0;
  bool ended = false;
  std::chrono::microseconds unused{0};  // since its last use
  std::chrono::microseconds timeout{0};
  std::chrono::microseconds grace{0};  // what it may get besides a tenth of its timeout
};
// A session ends once nobody has used it for its idle timeout, and not before.
absl::Status Expires(const Idleness& idleness);

// Of one node: after a cut it names the versions that it holds, is brought on from exactly there,
// and every delta that had no answer at the cut gets one: applied or refused, unless the hub has
// ended its incarnation.
class Resumable {
 public:
  // The stream broke while the node held these versions and waited for these answers.
  void Cut(std::map<SessionNumber, Version> held, const std::set<uint64_t>& unanswered);
  void IncarnationEnded() { may_be_unknown_ = unanswered_; }
  // The hub has another history than when the stream broke: nothing that was held counts.
  void HistoryEnded() {
    IncarnationEnded();
    held_.clear();
    told_.clear();
  }

  // The node has asked for a session anew, naming no version.
  void Opened(SessionNumber session) {
    if (!told_.contains(session)) held_.erase(session);
  }
  // The application has let go of its copy: what is held of a session later may be fetched anew.
  void Dropped(SessionNumber session) { held_.erase(session); }
  // On the next stream the node says what it holds of a session.
  absl::Status Told(SessionNumber session, Version version);
  // The first catch-up of a session on this stream, from `from` to `to`; from 0 it replaces.
  absl::Status CaughtUp(SessionNumber session, Version from, Version to);
  // The application is told how the delta `index` ended.
  absl::Status Answered(uint64_t index, Write::Outcome outcome);
  // Everything that the network holds has arrived.
  absl::Status Settled() const;

 private:
  std::map<SessionNumber, Version> held_;
  std::map<SessionNumber, std::set<Version>> told_;  // and not caught up yet
  std::set<SessionNumber> caught_up_;                // on this stream
  std::set<uint64_t> unanswered_;                    // at some cut
  std::set<uint64_t> may_be_unknown_;
  std::set<uint64_t> answered_;
};

// Copies at the same version hold the same fields, byte for byte.
class Converged {
 public:
  absl::Status Check(SessionNumber session, const SessionState& state, const std::string& holder);

 private:
  struct Seen {
    FieldMap fields;
    std::string holder;
  };
  std::map<std::pair<SessionNumber, Version>, Seen> seen_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_GUARANTEES_H_
