#include "tests/simulation/reference_model.h"

#include <algorithm>
#include <variant>

#include "hub/record/field_value.h"
#include "proto/session/refusal.h"
#include "proto/session/state.h"
#include "proto/session/status_macros.h"
#include "tests/support/paths.h"

namespace sessionhub::simulation {
namespace {

using Kind = Operation::Kind;
using testing::P;

constexpr AppNumber kApp = 1;

// By which a delta of the ledger is recognised; nothing for others.
std::optional<Path> MarkOf(const Delta& delta) {
  for (const Operation& operation : delta.operations) {
    if (P("mark").Covers(operation.path)) return operation.path;
  }
  return std::nullopt;
}

bool Erases(const Operation& operation) {
  return operation.kind == Kind::kErase || operation.kind == Kind::kEraseSubtree;
}

bool EndsOf(const hub::Input& input, SessionNumber session) {
  if (const auto* commit = std::get_if<hub::CommitInput>(&input)) {
    return commit->delta.deletes_session;
  }
  const auto* erase = std::get_if<hub::DeleteInput>(&input);
  return erase && erase->number == session;
}

// A handle of a session that has ended stands for nothing.
v1::RefusalReason Plain(v1::RefusalReason reason) {
  return reason == v1::UNKNOWN_HANDLE ? v1::GONE : reason;
}

}  // namespace

// ---- what nodes do and are told ----

absl::Status ReferenceModel::Sent(const Incarnation& node, uint64_t seq, SessionNumber session) {
  const auto known = sessions_.find(session);
  const Sending sending{session, known == sessions_.end() ? "" : known->second.id};
  const auto [before, first] = sent_.try_emplace({node, seq}, sending);
  if (first || before->second.session == session || session == 0) return absl::OkStatus();
  return Differs("delta " + std::to_string(seq) + " was for " + Name(before->second.session) +
                 ", and is sent again for " + Name(session));
}

absl::Status ReferenceModel::Answered(const Incarnation& node, uint64_t seq,
                                      const v1::Item& item) const {
  const std::string what = "delta " + std::to_string(seq);
  const auto decided = decided_.find({node, seq});
  if (decided == decided_.end()) return Differs(what + " is answered and not decided");
  const Decision& decision = decided->second;
  if (decision.either) return absl::OkStatus();
  if (item.has_refused()) {
    const v1::RefusalReason reason = Plain(item.refused().reason());
    if (!decision.applied && reason == decision.reason) return absl::OkStatus();
    return Differs(what + " is refused for " + v1::RefusalReason_Name(reason) + " (" +
                   item.refused().message() + "), not " +
                   (decision.applied ? "applied" : v1::RefusalReason_Name(decision.reason)));
  }
  const Version told = item.from() + (item.already() ? 0 : 1);
  if (decision.applied && (item.already() ? told >= decision.version : told == decision.version)) {
    return absl::OkStatus();
  }
  return Differs(what + " is told applied at " + std::to_string(told) + ", not " +
                 (decision.applied ? std::to_string(decision.version)
                                   : v1::RefusalReason_Name(decision.reason)));
}

// ---- deltas ----

absl::Status ReferenceModel::Commit(uint32_t shard, const hub::CommitInput& input) {
  const auto current = current_.find({shard, input.origin.node});
  if (current == current_.end() || current->second != input.origin.attach) return absl::OkStatus();
  const Incarnation& node = attaches_[{input.origin.node, input.origin.attach}];
  const DeltaKey key{node, input.seq};
  if (decided_.contains(key)) return absl::OkStatus();  // sent again
  const Sending& sending = sent_[key];
  const auto session = sessions_.find(sending.session);
  if (session == sessions_.end()) {
    return Differs("a delta is for " + Name(sending.session) + ", which never was");
  }
  const std::string id = session->second.id;
  ASSIGN_OR_RETURN(Decision decision, Decide(input, node, session->first, &session->second));
  if (!decision.applied) {
    decision.reason = Plain(decision.reason);
    decision.either = unclear_.contains(session->first);
  }
  if (decision.reason != v1::GONE) session->second.last_refused[node] = !decision.applied;
  if (decision.applied && id != sending.id) Count("applied after an id change");
  NoteDecided(input, decision, session->first);
  decided_[key] = decision;
  return absl::OkStatus();
}

absl::StatusOr<ReferenceModel::Decision> ReferenceModel::Decide(const hub::CommitInput& input,
                                                                const Incarnation& node,
                                                                SessionNumber number,
                                                                Session* session) {
  const auto refused = [](v1::RefusalReason reason) { return Decision{false, false, 0, reason}; };
  const Delta& delta = input.delta;
  if (session->dead) return refused(v1::GONE);
  // Nothing but its end was applied to it in this turn.
  if (unclear_.contains(number) && !delta.deletes_session) return refused(v1::GONE);
  if (!input.admission.ok()) return refused(RefusalOf(input.admission).reason);
  if (delta.after_previous && session->last_refused[node]) return refused(v1::PREVIOUS_REFUSED);
  if (!CheckConditions(delta, *session).ok()) return refused(v1::VERSION_CHANGED);
  RETURN_IF_ERROR(CheckTruth(delta, *session));
  if (delta.deletes_session) {
    const bool either = unclear_.contains(number);
    End(number, session);
    return Decision{true, either, session->version, v1::REFUSAL_UNSPECIFIED};
  }
  FieldMap after = session->fields;
  if (absl::Status applied = Apply(delta, &after); !applied.ok()) {
    return refused(RefusalOf(applied).reason);
  }
  uint64_t bytes = 0;
  for (const auto& [path, value] : after) bytes += FieldSizeBytes(path, value);
  if (bytes > limits_.session_bytes_max) return refused(v1::LIMIT_EXCEEDED);
  Change(delta, std::move(after), session);
  RETURN_IF_ERROR(converged_->Check(number, {session->version, session->fields}, "the model"));
  return Decision{true, false, session->version, v1::REFUSAL_UNSPECIFIED};
}

// As the hub promises it: of an absent field it knows only when anything was erased last.
absl::Status ReferenceModel::CheckConditions(const Delta& delta, const Session& session) {
  if (delta.if_version != 0 && delta.if_version != session.version) {
    return absl::AbortedError("version");
  }
  for (const FieldCondition& condition : delta.conditions) {
    const auto field = session.versions.find(condition.path);
    const bool there = field != session.versions.end();
    if (condition.absent && there) return absl::AbortedError("there");
    if (condition.absent) continue;
    const Version changed = there ? field->second : session.last_erase;
    if (changed > condition.unchanged_since) return absl::AbortedError("changed");
  }
  return absl::OkStatus();
}

// As it is meant.
absl::Status ReferenceModel::CheckTruth(const Delta& delta, const Session& session) const {
  for (const FieldCondition& condition : delta.conditions) {
    const auto touched = session.touched.find(condition.path);
    if (condition.absent || touched == session.touched.end()) continue;
    if (touched->second <= condition.unchanged_since) continue;
    return Differs("a precondition passes for " + condition.path.ToText() +
                   ", which was changed since");
  }
  return absl::OkStatus();
}

void ReferenceModel::Change(const Delta& delta, FieldMap after, Session* session) {
  const Version version = ++session->version;
  std::set<Path> touched;
  for (const Operation& operation : delta.operations) {
    if (Erases(operation)) session->last_erase = version;
    touched.insert(operation.path);
    if (operation.kind != Kind::kEraseSubtree) continue;
    for (const auto& [path, value] : session->fields) {
      if (operation.path.Covers(path)) touched.insert(path);
    }
  }
  for (const Path& path : touched) {
    session->touched[path] = version;
    if (after.contains(path)) {
      session->versions[path] = version;
    } else {
      session->versions.erase(path);
    }
  }
  session->fields = std::move(after);
  const Settings& settings = delta.settings;
  if (settings.owner) session->owner = *settings.owner;
  if (settings.idle_timeout_ms) session->idles = *settings.idle_timeout_ms != 0;
  if (settings.absolute_timeout_ms) {
    const uint64_t timeout_us = *settings.absolute_timeout_ms * 1000;
    session->absolute_us = timeout_us == 0 ? 0 : now_us() + timeout_us;
  }
}

void ReferenceModel::NoteDecided(const hub::CommitInput& input, const Decision& decision,
                                 SessionNumber number) {
  const Delta& delta = input.delta;
  const std::string how = decision.applied ? "applied" : "refused";
  if (const auto mark = MarkOf(delta)) {
    if (decision.applied) {
      applied_[{number, *mark}] = decision.version;
    } else {
      refused_.insert({number, *mark});
    }
  }
  if (decision.applied) {
    static const char* const kKinds[] = {"put", "erase", "erase-subtree", "increment", "splice"};
    for (const Operation& operation : delta.operations) {
      const bool adds_double = operation.kind == Kind::kIncrement && operation.value.AsDouble();
      Count(std::string(kKinds[static_cast<int>(operation.kind)]) +
            (adds_double ? " by a double" : "") + " applied");
    }
    if (delta.settings.owner) Count("owner set");
    if (delta.deletes_session) Count("deleted");
  } else {
    Count("refused " + v1::RefusalReason_Name(decision.reason));
  }
  const bool judged = decision.applied || decision.reason == v1::VERSION_CHANGED;
  if (judged && delta.if_version != 0) Count("if-version " + how);
  for (const FieldCondition& condition : delta.conditions) {
    if (judged) Count((condition.absent ? "if-absent " : "if-unchanged-since ") + how);
  }
  if (delta.after_previous && decision.applied) Count("after-previous applied");
}

// ---- ends ----

void ReferenceModel::End(SessionNumber number, Session* session) {
  session->dead = true;
  ++session->version;
  session->owner.clear();
  for (Naming& naming : namings_) {
    if (naming.session == number) naming.until_us = std::min(naming.until_us, now_us());
  }
}

void ReferenceModel::EndForOwner(const hub::DeleteInput& input) {
  const auto session = sessions_.find(input.number);
  if (session == sessions_.end() || session->second.dead) return;
  if (session->second.owner != input.owner) return Count("not the owner's any more");
  Count("ended for its owner");
  ended_for_owner_.push_back(input.number);
  End(input.number, &session->second);
}

// Which sessions were idle too long is the Cluster's to judge. Those that the turn has ended, and
// nobody else in it, have ended here.
absl::Status ReferenceModel::Tick(const std::vector<hub::Input>& inputs) {
  for (auto& [number, session] : sessions_) {
    const auto stored = stored_.metas.find(number);
    const bool ended = stored != stored_.metas.end() && stored->second && stored->second->dead();
    if (session.dead || !ended || session.version + 1 != stored->second->version()) continue;
    const SessionNumber ending = number;
    if (std::any_of(inputs.begin(), inputs.end(),
                    [ending](const hub::Input& input) { return EndsOf(input, ending); })) {
      unclear_.insert(number);
    } else if (session.idles || IsDue(session)) {
      Count(IsDue(session) ? "ended at its absolute timeout" : "ended idle");
      End(number, &session);
    } else {
      return Differs(Name(number) + " has ended before its time");
    }
  }
  return absl::OkStatus();
}

void ReferenceModel::GoBackTo(const ReferenceModel& copy, testing::Converged* converged) {
  converged_ = converged;
  sessions_ = copy.sessions_;
  namings_ = copy.namings_;
  left_reserved_ = copy.left_reserved_;
  sent_ = copy.sent_;
  decided_ = copy.decided_;
  applied_ = copy.applied_;
  refused_ = copy.refused_;
  chains_ = copy.chains_;
  ended_for_owner_.clear();
}

// ---- turns ----

void ReferenceModel::Take(uint32_t shard, const hub::Input& input) {
  if (const auto* attach = std::get_if<hub::AttachInput>(&input)) {
    attaches_[{attach->origin.node, attach->origin.attach}] = attach->incarnation;
    current_[{shard, attach->origin.node}] = attach->origin.attach;
  } else if (const auto* lease = std::get_if<hub::LeaseEndInput>(&input)) {
    current_.erase({shard, lease->node});
  } else if (const auto* erase = std::get_if<hub::DeleteInput>(&input)) {
    EndForOwner(*erase);
  }
}

absl::Status ReferenceModel::Turn(uint32_t shard, const std::vector<hub::Input>& inputs,
                                  const hub::Store& store) {
  unclear_.clear();
  LoadStored(store);
  bool ticked = false;
  for (const hub::Input& input : inputs) {
    if (const auto* commit = std::get_if<hub::CommitInput>(&input)) {
      RETURN_IF_ERROR(Commit(shard, *commit));
    } else if (std::holds_alternative<hub::TickInput>(input)) {
      if (!std::exchange(ticked, true)) RETURN_IF_ERROR(Tick(inputs));
    } else {
      Take(shard, input);
    }
  }
  for (SessionNumber number : unclear_) {
    if (!sessions_[number].dead) End(number, &sessions_[number]);
  }
  RETURN_IF_ERROR(LearnIds(inputs));
  RETURN_IF_ERROR(CompareStored());
  return Learn(store);
}

void ReferenceModel::LoadStored(const hub::Store& store) {
  stored_ = {};
  hub::ReadSet reads;
  for (const auto& [number, session] : sessions_) {
    if (session.dead) continue;
    reads.metas.push_back(number);
    reads.identities.push_back(number);
  }
  if (!store.Load(reads, &stored_).ok()) stored_ = {};
}

absl::Status ReferenceModel::CompareStored() const {
  for (const auto& [number, meta] : stored_.metas) {
    const Session& session = sessions_.at(number);
    const std::string here = std::to_string(session.version) + (session.dead ? ", dead" : "");
    if (!meta) return Differs(Name(number) + " is not stored, and is at " + here);
    if (meta->version() == session.version && meta->dead() == session.dead) continue;
    return Differs(Name(number) + " is stored at " + std::to_string(meta->version()) +
                   (meta->dead() ? ", dead" : "") + ", and is at " + here);
  }
  return absl::OkStatus();
}

// Sessions that the turn has created: nobody can have changed one yet.
absl::Status ReferenceModel::Learn(const hub::Store& store) {
  ASSIGN_OR_RETURN(const auto names, store.ListNames(kApp, std::nullopt, 1000));
  hub::ReadSet reads;
  for (const hub::NameEntry& entry : names) {
    if (sessions_.contains(entry.name.number())) continue;
    reads.metas.push_back(entry.name.number());
    reads.identities.push_back(entry.name.number());
  }
  hub::Loaded loaded;
  RETURN_IF_ERROR(store.Load(reads, &loaded));
  for (const auto& [number, meta] : loaded.metas) {
    const auto& identity = loaded.identities[number];
    if (!meta || !identity || meta->version() != 1) {
      return Differs(Name(number) + " is named and is not new");
    }
    for (const Naming& naming : namings_) {
      if (naming.id != identity->id()) continue;
      Count("created again");
      if (naming.given_up_us < now_us() && now_us() < naming.given_up_us + resend_horizon_us_) {
        return Differs(Name(number) + " is created as " + naming.id + ", which " +
                       Name(naming.session) + " gave up " +
                       std::to_string(now_us() - naming.given_up_us) + " us ago");
      }
      if (naming.until_us == UINT64_MAX) {
        return Differs(Name(number) + " is created as " + naming.id + ", which " +
                       Name(naming.session) + " has");
      }
    }
    Session& session = sessions_[number];
    session.id = identity->id();
    session.owner = identity->owner();
    session.idles = meta->idle_timeout() != 0;
    session.absolute_us = meta->absolute_deadline();
    namings_.push_back({number, session.id, now_us()});
    RETURN_IF_ERROR(converged_->Check(number, {1, {}}, "the model"));
  }
  return absl::OkStatus();
}

// ---- at any time ----

absl::Status ReferenceModel::CheckStored(const hub::Store& store) const {
  std::map<std::string, std::set<SessionNumber>> owned;
  for (const auto& [number, session] : sessions_) {
    if (session.dead) continue;
    FieldMap fields;
    RETURN_IF_ERROR(store.ScanFields(number, [&](const Path& path, const auto& field) {
      fields[path] = hub::ValueOf(field);
      return true;
    }));
    if (fields != session.fields) return Differs("the fields of " + Name(number));
    owned[session.owner].insert(number);
  }
  for (const std::string owner : {"ann", "bob", "cy"}) {
    std::vector<SessionNumber> listed;
    for (bool more = true; more;) {
      const SessionNumber after = listed.empty() ? 0 : listed.back();
      ASSIGN_OR_RETURN(const auto page, store.ListOwned(kApp, owner, after, 2));
      listed.insert(listed.end(), page.begin(), page.end());
      more = !page.empty();
    }
    if (std::set<SessionNumber>(listed.begin(), listed.end()) != owned[owner] ||
        listed.size() != owned[owner].size()) {
      return Differs("the sessions of " + owner);
    }
  }
  return absl::OkStatus();
}

absl::Status ReferenceModel::CheckChains() const {
  for (const Chain& chain : chains_) {
    const auto own = AppliedAt(chain.session, chain.mark);
    const auto previous = AppliedAt(chain.session, chain.previous);
    if (!own || (previous && *previous < *own)) continue;
    return Differs(chain.mark.ToText() + " is applied, and " + chain.previous.ToText() +
                   " before it is not");
  }
  return absl::OkStatus();
}

absl::Status ReferenceModel::CheckNoneOverdue() const {
  for (const auto& [number, session] : sessions_) {
    const bool overdue = IsDue(session) && session.absolute_us + 1'000'000 < now_us();
    if (overdue && !session.dead) return Differs(Name(number) + " lives on past its time");
  }
  return absl::OkStatus();
}

std::map<SessionNumber, std::string> ReferenceModel::Living() const {
  std::map<SessionNumber, std::string> living;
  for (const auto& [number, session] : sessions_) {
    if (!session.dead) living[number] = session.id;
  }
  return living;
}

std::optional<Version> ReferenceModel::AppliedAt(SessionNumber session, const Path& mark) const {
  const auto applied = applied_.find({session, mark});
  return applied == applied_.end() ? std::nullopt : std::optional<Version>(applied->second);
}

}  // namespace sessionhub::simulation
