#include "hub/shard/roster.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "hub/shard/durable.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

Roster::Roster(RosterOptions options, Journal* journal, Store* store)
    : options_(std::move(options)), journal_(journal), store_(store) {}

absl::StatusOr<AppNumber> Roster::FindOrAddApp(const std::string& name, TurnRecord* record) {
  ASSIGN_OR_RETURN(const std::optional<stored::App> known, store_->FindApp(name));
  if (known) return known->number();
  ASSIGN_OR_RETURN(const AppNumber last, store_->LastAppNumber());
  if (last >= options_.apps_max) {
    return absl::ResourceExhaustedError("hub has apps_max = " + std::to_string(options_.apps_max) +
                                        " apps: use one of them");
  }
  stored::App app;
  app.set_number(last + 1);
  record->apps.push_back({name, app});
  return last + 1;
}

// False if the incarnation has ended. It ends here at the latest: one that was away for too long
// must not be seen again before the sweep has come to it.
absl::StatusOr<bool> Roster::FindOrAddIncarnation(const Registration& registration, AppNumber app,
                                                  TurnRecord* record) {
  const Incarnation& incarnation = registration.incarnation;
  ASSIGN_OR_RETURN(const std::optional<stored::Incarnation> known,
                   store_->FindIncarnation(incarnation));
  ASSIGN_OR_RETURN(const uint64_t last_seen, store_->FindLastSeen(incarnation));
  const uint64_t served_us = ServedUs();
  if (registration.known_before && !known) return false;
  if (registration.known_before && last_seen != 0 && IsOver(last_seen, served_us)) {
    record->incarnations.push_back({incarnation, std::nullopt});
    record->last_seen.push_back({incarnation, std::nullopt});
    return false;
  }
  if (!known) {
    stored::Incarnation fresh;
    fresh.set_last_seen(options_.now_us());
    fresh.set_node_name(registration.node_name);
    fresh.set_app(app);
    record->incarnations.push_back({incarnation, fresh});
  }
  if (last_seen == 0 || served_us > last_seen + SeenEvery()) {
    record->last_seen.push_back({incarnation, served_us});
  }
  return true;
}

absl::StatusOr<Registered> Roster::Register(const Registration& registration) {
  TurnRecord record;
  Registered registered;
  ASSIGN_OR_RETURN(registered.app, FindOrAddApp(registration.app, &record));
  ASSIGN_OR_RETURN(const bool alive, FindOrAddIncarnation(registration, registered.app, &record));
  registered.incarnation_ended = !alive;
  if (const absl::Status status = Write(std::move(record)); !status.ok()) {
    options_.on_failure(status);
    return status;
  }
  return registered;
}

// One key for each incarnation is read, in the order of their bytes, round and round; so the work
// is bounded and nothing is read at a start.
absl::Status Roster::SweepSome() {
  const uint64_t served_us = ServedUs();
  ASSIGN_OR_RETURN(const std::vector<LastSeenEntry> entries,
                   store_->ListLastSeen(swept_through_, options_.swept_max));
  swept_through_ = std::nullopt;
  if (entries.size() == options_.swept_max) swept_through_ = entries.back().incarnation;
  TurnRecord record;
  size_t ended = 0;
  for (const LastSeenEntry& entry : entries) {
    if (served_us <= entry.last_seen + SeenEvery()) continue;
    if (options_.present(entry.incarnation)) {
      record.last_seen.push_back({entry.incarnation, served_us});
    } else if (IsOver(entry.last_seen, served_us)) {
      record.incarnations.push_back({entry.incarnation, std::nullopt});
      record.last_seen.push_back({entry.incarnation, std::nullopt});
      ++ended;
    }
  }
  RETURN_IF_ERROR(Write(std::move(record)));
  if (ended > 0) LOG(INFO) << "event=incarnations_ended count=" << ended;
  return absl::OkStatus();
}

void Roster::Sweep() {
  if (const absl::Status status = SweepSome(); !status.ok()) options_.on_failure(status);
}

absl::Status Roster::Write(TurnRecord record) {
  if (record.empty()) return absl::OkStatus();
  options_.served.Store(options_.now_us(), &record);
  return MakeDurable(record, journal_, store_);
}

}  // namespace sessionhub::hub
