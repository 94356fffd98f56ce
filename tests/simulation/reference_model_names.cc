// The ReferenceModel's part on names: which id leads to which session, and since when not any more.
#include <algorithm>

#include "proto/session/refusal.h"
#include "tests/simulation/reference_model.h"

namespace sessionhub::simulation {

// ---- what nodes are told ----

// True if the id led to the session at some time from `from_us` on.
bool ReferenceModel::Led(const std::string& id, SessionNumber session, uint64_t from_us) const {
  return std::any_of(namings_.begin(), namings_.end(), [&](const Naming& naming) {
    return naming.session == session && naming.id == id && naming.until_us >= from_us;
  });
}

void ReferenceModel::HubStarts(const hub::Store& store) {
  const auto names = store.ListNames(1, std::nullopt, 1000);
  for (const hub::NameEntry& entry : *names) {
    if (entry.name.state() == hub::stored::Name::RESERVED) {
      left_reserved_.insert({entry.key.id, entry.name.number()});
    }
  }
}

// True if others than `but` had the id, or had given it up, at some time from `from_us` on.
bool ReferenceModel::Taken(const std::string& id, SessionNumber but, uint64_t from_us) const {
  const auto doubtful = [&](const auto& left) {
    return left.first == id && left.second != but && HasHadOthers(left.second);
  };
  if (std::any_of(left_reserved_.begin(), left_reserved_.end(), doubtful)) return true;
  return std::any_of(namings_.begin(), namings_.end(), [&](const Naming& naming) {
    return naming.session != but && naming.id == id &&
           (naming.until_us >= from_us || naming.given_up_us <= now_us());
  });
}

absl::Status ReferenceModel::Opened(const v1::Open& open, uint64_t sent_at_us,
                                    const v1::Opened& opened) {
  const std::string what = "an Open of " + open.id();
  if (opened.has_refused()) {
    const v1::RefusalReason reason = opened.refused().reason();
    Count("open refused " + v1::RefusalReason_Name(reason));
    const bool own_life = open.number() != 0 && reason == v1::GONE;
    const bool none = open.create() == v1::CREATE_NEVER && reason == v1::NOT_FOUND;
    const bool second = open.create() == v1::CREATE_EXCLUSIVE && reason == v1::ALREADY_EXISTS;
    const bool taken = (second || reason == v1::RENAMED) && Taken(open.id(), 0, sent_at_us);
    const bool full = open.create() != v1::CREATE_NEVER && reason == v1::LIMIT_EXCEEDED &&
                      (disk_full_ || disk_full_until_us_ >= sent_at_us);
    if (own_life || none || taken || full) return absl::OkStatus();
    return Differs(what + ", sent at " + std::to_string(sent_at_us) + ", is refused for " +
                   v1::RefusalReason_Name(reason) + " (" + opened.refused().message() + ") at " +
                   std::to_string(now_us()) + ", and the disk was full until " +
                   std::to_string(disk_full_until_us_));
  }
  if (!Led(open.id(), opened.number(), sent_at_us)) {
    return Differs(what + " leads to " + Name(opened.number()) + ", which does not have that id");
  }
  if (open.number() != 0 && open.number() != opened.number()) {
    return Differs(what + " of " + Name(open.number()) + " leads to " + Name(opened.number()));
  }
  const auto session = sessions_.find(opened.number());
  if (session != sessions_.end() && session->second.id != open.id()) Count("opened by an old id");
  if (opened.created() && open.create() == v1::CREATE_EXCLUSIVE) Count("created exclusively");
  return absl::OkStatus();
}

absl::Status ReferenceModel::IdChanged(SessionNumber session, const std::string& id,
                                       uint64_t asked_at_us, const absl::Status& status) {
  const std::string what = "a change of the id of " + Name(session) + " to " + id;
  Count("id change " + absl::StatusCodeToString(status.code()));
  const bool dead = sessions_[session].dead;
  if (status.ok() && !dead && !Led(id, session, asked_at_us)) {
    return Differs(what + " was not made");
  }
  if (absl::IsAlreadyExists(status) && !Taken(id, session, asked_at_us)) {
    return Differs(what + " is refused, and nobody has that id");
  }
  if (status.message() == ReasonText(v1::RENAMED) && HasHadOthers(session)) return absl::OkStatus();
  if (absl::IsNotFound(status) && !dead) {
    return Differs(what + " is refused as gone, and it lives");
  }
  return absl::OkStatus();
}

// ---- turns ----

namespace {

// True if one of these inputs brings the session from the new id of `rename` to `id`.
bool GoesOn(const hub::RenameInput& rename, const std::string& id,
            const std::vector<hub::Input>& inputs) {
  return std::any_of(inputs.begin(), inputs.end(), [&](const hub::Input& input) {
    const auto* next = std::get_if<hub::RenameInput>(&input);
    return next && next->number == rename.number && next->old_id == rename.name.id &&
           next->name.id == id;
  });
}

}  // namespace

// A change of id has been made if the session has the new one afterwards, or can have had it.
absl::Status ReferenceModel::LearnIds(const std::vector<hub::Input>& inputs) {
  for (const hub::Input& input : inputs) {
    const auto* rename = std::get_if<hub::RenameInput>(&input);
    const auto session = rename ? sessions_.find(rename->number) : sessions_.end();
    if (session == sessions_.end() || rename->old_id != session->second.id) continue;
    // From the id that the node knew, or it comes too late. Without `reserved` it may be on its way
    // yet, unless one shard has both, as it must where the next change builds on it; and a session
    // that the turn has ended may have ended first.
    const auto& identity = stored_.identities[rename->number];
    const bool there = identity && identity->id() == rename->name.id;
    const bool moved = identity && identity->id() != session->second.id;
    const bool onward = moved && GoesOn(*rename, identity->id(), inputs);
    const bool made = there || onward || (rename->reserved && (moved || !session->second.dead));
    if (made && session->second.id != rename->name.id) {
      Rename(rename->number, rename->name.id, rename->alias_us);
    }
  }
  for (const auto& [number, identity] : stored_.identities) {
    const Session& session = sessions_.at(number);
    if (session.dead || (identity && identity->id() == session.id)) continue;
    return Differs(Name(number) + " is " + (identity ? identity->id() : "nameless") +
                   ", and should be " + session.id);
  }
  return absl::OkStatus();
}

void ReferenceModel::Rename(SessionNumber number, const std::string& id, uint64_t alias_us) {
  Count(alias_us > 0 ? "renamed with an alias window" : "renamed");
  Session& session = sessions_[number];
  for (Naming& naming : namings_) {
    if (naming.session != number || naming.until_us < now_us() || naming.id != session.id) continue;
    naming.until_us = now_us() + (session.dead ? 0 : alias_us);
    naming.given_up_us = now_us();
  }
  for (Naming& naming : namings_) {  // it may have its own old id again
    if (naming.session == number && naming.id == id) naming.given_up_us = UINT64_MAX;
  }
  namings_.push_back({number, id, now_us(), session.dead ? now_us() : UINT64_MAX});
  session.id = id;
}

}  // namespace sessionhub::simulation
