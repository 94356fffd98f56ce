#include "tests/support/guarantees.h"

#include <algorithm>

#include "tests/support/broken.h"
#include "tests/support/paths.h"

namespace sessionhub::testing {
namespace {

using Outcome = Write::Outcome;

Path MarkOf(const Write& write) {
  return P("mark/" + write.Name());
}

Path LastOf(const std::string& writer) {
  return P("last/" + writer);
}

std::optional<int64_t> IntAt(const FieldMap& fields, const Path& path) {
  auto it = fields.find(path);
  return it == fields.end() ? std::nullopt : it->second.AsInt();
}

// The stored session of a write if it lives, else nullptr.
const FieldMap* LivingFields(const Write& write, const StoredSessions& stored) {
  auto it = stored.find(write.session);
  return it == stored.end() || it->second.dead ? nullptr : &it->second.state.fields;
}

bool IsLost(const Write& write) {
  return write.restored == Write::Restored::kLost;
}

std::string Describe(const Write& write) {
  return "delta " + write.Name() + " of session " + std::to_string(write.session) +
         ", told version " + std::to_string(write.version) + " \"" + write.why + "\",";
}

}  // namespace

std::vector<Operation> MarksOf(const Write& write) {
  return {{Operation::Kind::kIncrement, MarkOf(write), 1},
          {Operation::Kind::kIncrement, P("count"), 1},
          {Operation::Kind::kPut, LastOf(write.writer), static_cast<int64_t>(write.index)}};
}

absl::Status Durable(const Ledger& ledger, const StoredSessions& stored,
                     const std::set<SessionNumber>& expired) {
  std::set<SessionNumber> ended = expired;
  for (const Write& write : ledger) {
    // A delete whose answer nobody heard may have ended the session all the same.
    if (IsLost(write)) continue;
    if (write.deletes && write.outcome != Outcome::kRefused) ended.insert(write.session);
  }
  for (const Write& write : ledger) {
    if (write.outcome != Outcome::kApplied || write.deletes || IsLost(write)) continue;
    auto session = stored.find(write.session);
    const bool missing = session == stored.end() || session->second.dead;
    if (missing) {
      if (!ended.contains(write.session)) return Broken("Durable", Describe(write) + " is gone");
      continue;
    }
    if (session->second.state.version < write.version) {
      return Broken("Durable", Describe(write) + ": the session is at " +
                                   std::to_string(session->second.state.version));
    }
    if (!IntAt(session->second.state.fields, MarkOf(write))) {
      return Broken("Durable", Describe(write) + " is not stored");
    }
  }
  return absl::OkStatus();
}

absl::Status Ordered(const Ledger& ledger) {
  std::map<std::pair<std::string, SessionNumber>, Version> last;
  for (const Write& write : ledger) {
    if (write.outcome != Outcome::kApplied || write.repeats || IsLost(write)) continue;
    Version& newest = last[{write.writer, write.session}];
    // An answer to a resend names a version that includes the delta: it may be that of a later one.
    if (write.version < newest && !write.deletes) {
      return Broken("Ordered",
                    Describe(write) + " follows one of version " + std::to_string(newest));
    }
    newest = std::max(newest, write.version);
  }
  return absl::OkStatus();
}

absl::Status Once(const Ledger& ledger, const StoredSessions& stored) {
  std::map<SessionNumber, int64_t> counts;
  for (const Write& write : ledger) {
    const FieldMap* fields = LivingFields(write, stored);
    if (!fields || write.deletes) continue;
    const int64_t times = IntAt(*fields, MarkOf(write)).value_or(0);
    const int64_t least = write.outcome == Outcome::kApplied && !IsLost(write) ? 1 : 0;
    const int64_t most = write.outcome == Outcome::kRefused || IsLost(write) ? 0 : 1;
    if (times < least || times > most) {
      return Broken("Once", Describe(write) + " is stored " + std::to_string(times) + " times");
    }
    counts[write.session] += times;
  }
  for (const auto& [session, count] : counts) {
    const int64_t counted = IntAt(stored.at(session).state.fields, P("count")).value_or(0);
    if (counted != count) {
      return Broken("Once", "session " + std::to_string(session) + " counts " +
                                std::to_string(counted) + " increments of " +
                                std::to_string(count));
    }
  }
  return absl::OkStatus();
}

absl::Status Once(const FieldMap& shown, const std::string& holder) {
  for (auto it = shown.lower_bound(P("mark")); it != shown.end() && P("mark").Covers(it->first);
       ++it) {
    if (it->second == Value(1)) continue;
    return Broken("Once",
                  holder + " shows " + it->first.ToText() + " as " + it->second.DebugString());
  }
  return absl::OkStatus();
}

void Witnesses::See(const FieldMap& shown, const std::string& holder) {
  const std::string own = "mark/" + holder + ".";
  for (auto it = shown.lower_bound(P("mark")); it != shown.end() && P("mark").Covers(it->first);
       ++it) {
    std::string mark = it->first.ToText();
    if (holder.empty() || mark.compare(0, own.size(), own) != 0) marks_.insert(std::move(mark));
  }
}

absl::Status Witnesses::Once(const Ledger& ledger) const {
  for (const Write& write : ledger) {
    if (write.outcome != Outcome::kRefused || !marks_.contains(MarkOf(write).ToText())) continue;
    return Broken("Once", Describe(write) + " was refused, and others have seen it");
  }
  return absl::OkStatus();
}

Path Witnesses::Page() {
  return P("page");
}

absl::Status Witnesses::MergedNotLost(const FieldMap& shown, const std::string& holder) const {
  const auto page = shown.find(Page());
  if (page == shown.end() || texts_.contains(*page->second.AsString())) return absl::OkStatus();
  return Broken("MergedNotLost",
                holder + " shows a text that no node has had: " + page->second.DebugString());
}

absl::Status NoResurrection(const Ledger& ledger, const StoredSessions& stored) {
  std::map<Path, const Write*> writes;
  for (const Write& write : ledger) {
    writes[MarkOf(write)] = &write;
    const bool ended = write.deletes && write.outcome == Outcome::kApplied && !IsLost(write);
    if (ended && LivingFields(write, stored)) {
      return Broken("NoResurrection", Describe(write) + " ended it, and it lives");
    }
  }
  for (const auto& [number, session] : stored) {
    for (const auto& [path, value] : session.state.fields) {
      const auto found = writes.find(path);
      if (found == writes.end()) continue;
      const Write& write = *found->second;
      const std::string where = " shows in session " + std::to_string(number);
      if (IsLost(write)) {
        return Broken("NoResurrection", Describe(write) + " was lost to a restore, and" + where);
      }
      if (write.session != number) {
        return Broken("NoResurrection",
                      path.ToText() + " of session " + std::to_string(write.session) + where);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status MergedNotLost(const Ledger& ledger, const StoredSessions& stored) {
  for (const Write& write : ledger) {
    const FieldMap* fields = LivingFields(write, stored);
    if (!fields || write.deletes || write.outcome != Outcome::kApplied) continue;
    if (write.repeats || IsLost(write)) continue;  // what later ones have put is left out
    const int64_t last = IntAt(*fields, LastOf(write.writer)).value_or(0);
    if (last < static_cast<int64_t>(write.index)) {
      return Broken("MergedNotLost",
                    Describe(write) + " was undone: the field is at " + std::to_string(last));
    }
  }
  return absl::OkStatus();
}

absl::Status Fresh(Version asked, Version shown, const std::string& holder) {
  if (shown >= asked) return absl::OkStatus();
  return Broken("Fresh", holder + " asked for version " + std::to_string(asked) +
                             " and was shown " + std::to_string(shown));
}

absl::Status Fresh(std::chrono::microseconds silence, std::chrono::microseconds stale_max,
                   const std::string& holder) {
  if (silence <= stale_max) return absl::OkStatus();
  return Broken("Fresh", holder + " answers from its copies after " +
                             std::to_string(silence.count()) + " us of silence, of at most " +
                             std::to_string(stale_max.count()));
}

absl::Status Bounded(const std::vector<Measure>& measures) {
  for (const Measure& measure : measures) {
    if (measure.size <= measure.max) continue;
    return Broken("Bounded", measure.what + ": " + std::to_string(measure.size) + ", over " +
                                 std::to_string(measure.max));
  }
  return absl::OkStatus();
}

absl::Status Expires(const Idleness& idleness) {
  const std::string name = "session " + std::to_string(idleness.session) + ", unused for " +
                           std::to_string(idleness.unused.count()) + " us of " +
                           std::to_string(idleness.timeout.count()) + " us, ";
  if (idleness.ended && idleness.unused < idleness.timeout) {
    return Broken("Expires", name + "has ended");
  }
  const auto last = idleness.timeout + idleness.timeout / 10 + idleness.grace;
  if (!idleness.ended && idleness.unused > last) return Broken("Expires", name + "lives on");
  return absl::OkStatus();
}

// ---- Resumable ----

void Resumable::Cut(std::map<SessionNumber, Version> held, const std::set<uint64_t>& unanswered) {
  held_ = std::move(held);
  told_.clear();
  caught_up_.clear();
  unanswered_.insert(unanswered.begin(), unanswered.end());
}

absl::Status Resumable::Told(SessionNumber session, Version version) {
  if (caught_up_.contains(session)) return absl::OkStatus();
  auto held = held_.find(session);
  // Its own deltas' answers may have brought it on since it was told first.
  const bool first = !told_.contains(session);
  if (held != held_.end() && (first ? held->second != version : held->second > version)) {
    return Broken("Resumable", "session " + std::to_string(session) + " was held at version " +
                                   std::to_string(held->second) + " when the stream broke, and " +
                                   std::to_string(version) + " is told");
  }
  told_[session].insert(version);
  return absl::OkStatus();
}

absl::Status Resumable::CaughtUp(SessionNumber session, Version from, Version to) {
  if (!caught_up_.insert(session).second) return absl::OkStatus();
  held_.erase(session);
  const auto told = told_.extract(session);
  if (told.empty()) return absl::OkStatus();
  const Version least = *told.mapped().begin();
  if ((from == 0 || told.mapped().contains(from)) && to >= least) return absl::OkStatus();
  return Broken("Resumable", "session " + std::to_string(session) +
                                 ", told to be held at version " + std::to_string(least) +
                                 ", is brought from " + std::to_string(from) + " to " +
                                 std::to_string(to));
}

absl::Status Resumable::Answered(uint64_t index, Outcome outcome) {
  const std::string what = "delta " + std::to_string(index);
  if (!answered_.insert(index).second) return Broken("Resumable", what + " is answered twice");
  const bool allowed = may_be_unknown_.contains(index) || !unanswered_.contains(index);
  if (outcome == Outcome::kUnknown && !allowed) {
    return Broken("Resumable", what + " ends unknown, and its incarnation has not ended");
  }
  return absl::OkStatus();
}

absl::Status Resumable::Settled() const {
  for (uint64_t index : unanswered_) {
    if (!answered_.contains(index)) {
      return Broken("Resumable", "delta " + std::to_string(index) +
                                     " had no answer at a cut, and never got one");
    }
  }
  return absl::OkStatus();
}

absl::Status Converged::Check(SessionNumber session, const SessionState& state,
                              const std::string& holder) {
  auto [it, inserted] = seen_.try_emplace({session, state.version}, Seen{state.fields, holder});
  if (it->second.fields == state.fields) return absl::OkStatus();
  std::string difference;
  for (const auto& [path, value] : state.fields) {
    auto other = it->second.fields.find(path);
    if (other == it->second.fields.end() || other->second != value) {
      difference += " +" + path.ToText() + "=" + value.DebugString();
    }
  }
  for (const auto& [path, value] : it->second.fields) {
    auto other = state.fields.find(path);
    if (other == state.fields.end() || other->second != value) {
      difference += " -" + path.ToText() + "=" + value.DebugString();
    }
  }
  return Broken("Converged", "session " + std::to_string(session) + " at version " +
                                 std::to_string(state.version) + " differs between " + holder +
                                 " (+) and " + it->second.holder + " (-):" + difference);
}

}  // namespace sessionhub::testing
