// The promises of docs/guarantees.md as checkers, one for each, with the same names. Whoever runs a
// system under test keeps a Ledger of what its applications did and were told, and shows the
// checkers what is stored and what travels. A checker's error says which promise is broken, and by
// what.
#ifndef TESTS_SUPPORT_GUARANTEES_H_
#define TESTS_SUPPORT_GUARANTEES_H_

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
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::testing {

// A delta that an application has committed. Each increments the field `mark/<writer>.<index>`,
// which no other delta touches, and the field `count`; so what is stored tells which deltas it
// holds, and how often.
struct Write {
  enum class Outcome { kOpen, kApplied, kRefused, kUnknown };

  std::string writer;  // one life of one node
  uint64_t index = 0;  // of this writer, from 1
  SessionNumber session = 0;
  bool deletes = false;  // ends the session instead
  Outcome outcome = Outcome::kOpen;
  Version version = 0;  // kApplied: one that includes it
  std::string why;      // kRefused, kUnknown: what the application was told

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
};
using StoredSessions = std::map<SessionNumber, StoredSession>;

// Every delta that was told applied is stored, as long as its session lives.
absl::Status Durable(const Ledger& ledger, const StoredSessions& stored);
// A writer's deltas of a session have versions in the order in which it committed them.
absl::Status Ordered(const Ledger& ledger);
// No delta is stored twice, none that was refused is stored at all, and increments are all counted.
absl::Status Once(const Ledger& ledger, const StoredSessions& stored);
// The same of what a node shows: its own delta is in a View once, pending or not.
absl::Status Once(const FieldMap& shown, const std::string& holder);
// A session that was told deleted stays dead, and nothing of one life shows in another.
absl::Status NoResurrection(const Ledger& ledger, const StoredSessions& stored);
// The field that a writer alone puts holds that writer's last applied put, whatever others did.
absl::Status MergedNotLost(const Ledger& ledger, const StoredSessions& stored);

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

// What reaches one node on one stream after another: NoGap (forwards continue exactly where the
// copy is, and none comes before a catch-up) and OnlyInterested (no forward without interest, no
// echo).
class Lane {
 public:
  // A new stream stands. Without the lease all handles are void.
  void Attached(bool lease_held);
  void Sent(uint64_t seq, SessionNumber session) { sessions_by_seq_[seq] = session; }

  absl::Status NoGap(const v1::Item& item);
  absl::Status OnlyInterested(const v1::Item& item);

  // Takes the item in; after both checks.
  void Receive(const v1::Item& item);

 private:
  uint64_t SeqOf(const v1::Item& item) const {
    return item.seq() != 0 ? item.seq() : last_answered_seq_ + 1;
  }

  struct Open {
    SessionNumber session = 0;
    std::optional<Version> position;  // nothing: no catch-up yet on this stream
  };
  std::map<uint32_t, Open> handles_;
  std::map<uint64_t, SessionNumber> sessions_by_seq_;
  std::set<std::pair<SessionNumber, Version>> own_versions_;
  uint64_t last_answered_seq_ = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_GUARANTEES_H_
