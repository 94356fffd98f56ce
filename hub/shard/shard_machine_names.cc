// How sessions get other ids, and how the slot of a name and the home of its session agree.
#include <algorithm>
#include <string>
#include <utility>

#include "hub/shard/renames.h"
#include "hub/shard/shard_machine.h"
#include "hub/shard/turn_out.h"

namespace sessionhub::hub {
namespace {

using interest::Pair;

AnswerEffect AnswerTo(const RenameInput& input, v1::RefusalReason reason) {
  AnswerEffect answer{input.origin, input.request, {}};
  if (reason != v1::REFUSAL_UNSPECIFIED) answer.refusal = {reason, ReasonText(reason)};
  return answer;
}

// The answer to who asks for a name that its session does not have any more.
Effect RefusedAsRenamed(const OpenInput& input) {
  OpenedEffect effect;
  effect.to_node = input.origin;
  effect.request = input.request;
  effect.refusal = {v1::RENAMED, ReasonText(v1::RENAMED)};
  return effect;
}
Effect RefusedAsRenamed(const DeleteInput& input) {
  DeletedEffect effect;
  effect.call = input.call;
  effect.status = StatusOf({v1::NOT_FOUND, ""});
  return effect;
}
Effect RefusedAsRenamed(const RenameInput& input) {
  return AnswerTo(input, v1::ALREADY_EXISTS);
}

NameTimes TimesOf(const TurnOut& out, const ShardMachineOptions& options) {
  return NameTimesAt(out.now_us, options.resend_horizon_us, options.served);
}

}  // namespace

// ---- in the slot of a name ----

void ShardMachine::On(const RenameInput& input, TurnOut* out) {
  if (input.reserved) return Rename(input, out);
  if (!Current(input.origin)) return;
  const stored::Name* name = out->state.FindName(input.name);
  const bool own = !name || name->number() == input.number;
  if (name && IsGivenUp(*name, TimesOf(*out, options_))) {
    // Also of the session itself: whoever asks may be late, and somebody else have changed it
    // since.
    out->effects.push_back(AnswerTo(input, own ? v1::RENAMED : v1::ALREADY_EXISTS));
    return;
  }
  if (!own) {
    if (!IsExact(input.name, *name)) return LookUp(input.name, *name, input, out);
    out->effects.push_back(AnswerTo(input, v1::ALREADY_EXISTS));
    return;
  }
  if (input.name.slot == HomeSlot(input.number)) return Rename(input, out);
  RenameInput next = input;
  next.reserved = true;
  // What is the session's name already stays as it is.
  if (!name || name->state() != stored::Name::LIVE) {
    const uint64_t before = name ? name->forget_at() : 0;  // by an earlier hub, perhaps
    reserved_last_ = std::max({out->now_us, reserved_last_ + 1, before + 1});
    next.stamp = reserved_last_;
    ReserveName(input.name, input.number, next.stamp, options_.served.start_us(), &out->state);
  }
  out->effects.push_back(PostEffect{std::move(next)});
}

void ShardMachine::LookUp(const NameKey& key, const stored::Name& name, NameRequest then,
                          TurnOut* out) {
  LookUpInput input;
  input.name = key;
  input.number = name.number();
  input.heal = name.state() != stored::Name::LIVE;
  input.then = std::make_shared<const NameRequest>(std::move(then));
  input.stamp = name.forget_at();
  input.alias = std::holds_alternative<OpenInput>(*input.then) && IsAlias(name, out->now_us);
  // In one slot everything is in one batch: there the answer is at hand, and must not be overtaken.
  if (key.slot == HomeSlot(input.number) && out->state.FindIdentity(input.number)) {
    return On(input, out);
  }
  out->effects.push_back(PostEffect{std::move(input)});
}

void ShardMachine::On(const NameNoteInput& input, TurnOut* out) {
  const stored::Name* name = out->state.FindName(input.name);
  if (name && name->state() == stored::Name::RESERVED) {  // its stamp does not come again
    reserved_last_ = std::max(reserved_last_, name->forget_at());
  }
  NoteName(input, TimesOf(*out, options_), &out->state);
  if (!input.then) return;
  name = out->state.FindName(input.name);
  // An alias is for opens. Anybody else would ask for ever.
  const bool alias = input.alive && name && IsAlias(*name, out->now_us) &&
                     std::holds_alternative<OpenInput>(*input.then);
  const bool old =
      name && name->number() == input.number && name->state() == stored::Name::RENAMED && !alias;
  std::visit(
      [&](const auto& request) {
        if (old) {
          out->effects.push_back(RefusedAsRenamed(request));
        } else {
          On(request, out);  // the name is free, or another session's meanwhile
        }
      },
      *input.then);
}

// ---- in the home of a session ----

void ShardMachine::Rename(const RenameInput& input, TurnOut* out) {
  const SessionNumber session = input.number;
  const stored::Meta* meta = out->state.FindMeta(session);
  const stored::Identity* identity = out->state.FindIdentity(session);
  NameNoteInput note;
  note.name = input.name;
  note.number = session;
  if (!meta || meta->dead() || meta->app() != input.name.app || !identity) {
    // It was reserved in vain, unless by an earlier hub.
    note.renamed = identity && identity->id() != input.name.id;
    note.renamed_at = identity ? RenamedAt(*identity) : 0;
    Note(note, out);
    out->effects.push_back(AnswerTo(input, v1::GONE));
    return;
  }
  const NameKey before = NameOfSession(session, *identity);
  if (before != input.name && before.id != input.old_id) {
    // Sent again, or late: the session has got another id since, which stays.
    note.alive = note.renamed = true;
    note.renamed_at = RenamedAt(*identity);
    note.stamp = input.stamp;
    Note(note, out);
    out->effects.push_back(AnswerTo(input, v1::RENAMED));
    return;
  }
  note.kind = NameNoteInput::Kind::kLive;
  Note(note, out);
  out->uses.emplace_back(session, out->now_us);
  if (before != input.name) {
    SetId(session, input.name, out->now_us, &out->state);
    note.kind = NameNoteInput::Kind::kRenamed;
    note.name = before;
    if (input.alias_us > 0) note.alias_until_us = out->now_us + input.alias_us;
    Note(note, out);
    TellRenamed(session, input.name.id, out);
  }
  out->effects.push_back(AnswerTo(input, v1::REFUSAL_UNSPECIFIED));
}

void ShardMachine::TellRenamed(SessionNumber session, const std::string& id, TurnOut* out) {
  RenamedEffect renamed;
  renamed.id = id;
  for (Pair& pair : index_.MutablePairsOf(session)) {
    pair.renamed = true;  // what is told now may be lost with its stream
    if (IsHeard(pair)) renamed.targets.push_back({{pair.node, pair.attach}, pair.handle});
  }
  if (!renamed.targets.empty()) out->effects.push_back(std::move(renamed));
}

// A node that has heard of the session under another id is told the one it has.
void ShardMachine::TellId(SessionNumber session, Pair* pair, TurnOut* out) {
  const stored::Identity* identity = out->state.FindIdentity(session);
  if (!identity) return;
  pair->renamed = true;
  out->effects.push_back(
      RenamedEffect{{{{pair->node, pair->attach}, pair->handle}}, identity->id()});
}

void ShardMachine::Note(const NameNoteInput& note, TurnOut* out) {
  if (note.name.slot == HomeSlot(note.number)) return On(note, out);
  out->effects.push_back(PostEffect{note});
}

void ShardMachine::On(const LookUpInput& input, TurnOut* out) {
  const stored::Meta* meta = out->state.FindMeta(input.number);
  const stored::Identity* identity = out->state.FindIdentity(input.number);
  const bool alive = meta && !meta->dead() && identity && meta->app() == input.name.app;
  const bool named = alive && identity->id() == input.name.id;
  NameNoteInput note;
  note.name = input.name;
  note.number = input.number;
  if (!named && !(alive && input.alias)) {
    note.alive = alive;
    note.renamed = identity && identity->id() != input.name.id;
    note.renamed_at = identity ? RenamedAt(*identity) : 0;
    note.stamp = input.stamp;
    note.then = input.then;
    return Note(note, out);
  }
  if (named && input.heal) {
    note.kind = NameNoteInput::Kind::kLive;
    Note(note, out);
  }
  if (!input.then) return;
  if (const auto* open = std::get_if<OpenInput>(&*input.then)) {
    if (NodeState* node = Current(open->origin)) OpenSession(*open, input.number, node, out);
  } else if (const auto* erase = std::get_if<DeleteInput>(&*input.then)) {
    DeleteFor(*erase, input.number, out);
  } else {
    out->effects.push_back(AnswerTo(std::get<RenameInput>(*input.then), v1::ALREADY_EXISTS));
  }
}

// ---- what is due ----

void ShardMachine::LookAtOldName(const DueEntry& entry, TurnOut* out) {
  out->state.EraseDue(entry.key);
  const NameKey key{entry.key.slot, entry.due.app(), entry.due.id()};
  const stored::Name* name = out->state.FindName(key);
  if (!name || name->state() == stored::Name::LIVE) return;
  if (IsGivenUp(*name, TimesOf(*out, options_))) {
    // Early: there was an outage, or the name was given up once more.
    const uint64_t due = options_.served.HubTimeAt(name->forget_at());
    out->state.PutNameDue(DueOfName(key, due), key);
    return;
  }
  out->effects.push_back(
      PostEffect{LookUpInput{key, name->number(), false, true, name->forget_at(), nullptr}});
}

// Once more, at the end of the dead: what was told at the session's end may be lost in a crash.
void ShardMachine::FreeNameOfDead(SessionNumber session, TurnOut* out) {
  const stored::Identity* identity = out->state.FindIdentity(session);
  if (!identity || !identity->has_name_slot()) return;
  NameNoteInput note;
  note.name = NameOfSession(session, *identity);
  note.number = session;
  if (note.name.slot != HomeSlot(session)) out->effects.push_back(PostEffect{std::move(note)});
}

}  // namespace sessionhub::hub
