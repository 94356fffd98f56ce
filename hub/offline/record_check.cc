#include "hub/offline/record_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "hub/record/field_value.h"
#include "hub/shard/renames.h"
#include "proto/session/ids.h"
#include "proto/session/state.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr char kRestoreRemedy[] =
    "restore the folder from a backup; if there is none, keep a copy of the folder and report this";

class RecordCheck {
 public:
  RecordCheck(const FolderView& view, RecordTotals* totals, Findings* findings)
      : view_(view), totals_(*totals), findings_(*findings) {}

  absl::Status Run() {
    RETURN_IF_ERROR(view_.VisitDue([this](const DueKey& key, const stored::Due& due) {
      if (due.what() == stored::Due::SWEEP || due.what() == stored::Due::PURGE) {
        dead_due_.insert(key.session);
      }
    }));
    RETURN_IF_ERROR(view_.VisitMetas([this](SessionNumber session, const stored::Meta& meta) {
      if (look_failure_.ok()) look_failure_ = CheckSession(session, meta);
    }));
    RETURN_IF_ERROR(look_failure_);
    RETURN_IF_ERROR(CheckFields());
    RETURN_IF_ERROR(view_.VisitNames([this](const NameKey& key, const stored::Name& name) {
      if (look_failure_.ok()) look_failure_ = CheckName(key, name);
    }));
    RETURN_IF_ERROR(look_failure_);
    return CheckOwners();
  }

 private:
  void Find(const std::string& where, const std::string& what) {
    if (++totals_.findings > kRecordFindingsMax) return;
    findings_.push_back({where, what, kRestoreRemedy});
  }
  void FindOf(SessionNumber session, const std::string& what) {
    Find("session " + std::to_string(session), what);
  }

  // One session's meta and identity, as they are stored.
  struct Known {
    std::optional<stored::Meta> meta;
    std::optional<stored::Identity> identity;
    bool live() const { return meta && !meta->dead() && identity; }
  };
  absl::StatusOr<Known> Look(SessionNumber session) const {
    ReadSet reads;
    reads.metas.push_back(session);
    reads.identities.push_back(session);
    Loaded loaded;
    RETURN_IF_ERROR(view_.Load(reads, &loaded));
    return Known{std::move(loaded.metas[session]), std::move(loaded.identities[session])};
  }

  absl::Status CheckSession(SessionNumber session, const stored::Meta& meta) {
    ++(meta.dead() ? totals_.dead_sessions : totals_.sessions);
    if (meta.version() == 0 || meta.last_erase_version() > meta.version()) {
      FindOf(session, "its version is below one that it has had");
    }
    RETURN_IF_ERROR(CheckNumber(session));
    if (meta.dead()) {
      if (!dead_due_.contains(session)) {
        FindOf(session, "it has ended, and nothing is due that removes what is left of it");
      }
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckExpiry(session, meta));
    return CheckIdentity(session, meta);
  }

  absl::Status CheckIdentity(SessionNumber session, const stored::Meta& meta) {
    ASSIGN_OR_RETURN(const Known known, Look(session));
    if (!known.identity) {
      FindOf(session, "it has no identity");
      return absl::OkStatus();
    }
    if (known.identity->app() != meta.app()) FindOf(session, "it belongs to two apps");
    if (!known.identity->owner().empty()) ++owned_;
    const NameKey name = NameOfSession(session, *known.identity);
    ReadSet reads;
    reads.names.push_back(name);
    Loaded loaded;
    RETURN_IF_ERROR(view_.Load(reads, &loaded));
    const std::optional<stored::Name>& found = loaded.names[name];
    // Outside of the home slot the name is a hint, which an id change may have left reserved.
    const bool at_home = name.slot == HomeSlot(session);
    if (!found || found->number() != session || (at_home && !IsExact(name, *found))) {
      FindOf(session, "its own id does not lead to it");
    }
    return absl::OkStatus();
  }

  // A number above those that were given would be given a second time.
  absl::Status CheckNumber(SessionNumber session) {
    const Slot slot = HomeSlot(session);
    if (!counts_.contains(slot)) {
      ReadSet reads;
      reads.session_counts.push_back(slot);
      Loaded loaded;
      RETURN_IF_ERROR(view_.Load(reads, &loaded));
      counts_[slot] = loaded.session_counts[slot];
    }
    if (CountInSlot(session) > counts_[slot]) {
      FindOf(session, "slot " + std::to_string(slot) + " has counted fewer sessions than that");
    }
    return absl::OkStatus();
  }

  absl::Status CheckExpiry(SessionNumber session, const stored::Meta& meta) {
    const uint64_t at = meta.expiry_entry();
    if (at == 0) {
      if (meta.idle_timeout() != 0 || meta.absolute_deadline() != 0) {
        FindOf(session, "it has a timeout, and nothing is due that ends it");
      }
      return absl::OkStatus();
    }
    DueRange range;
    range.slot = HomeSlot(session);
    range.from = range.until = at;
    range.count_max = UINT32_MAX;
    ReadSet reads;
    reads.due_ranges.push_back(range);
    Loaded loaded;
    RETURN_IF_ERROR(view_.Load(reads, &loaded));
    for (const DueEntry& entry : loaded.due_ranges[range]) {
      if (entry.key.session == session && entry.due.what() == stored::Due::EXPIRE) {
        return absl::OkStatus();
      }
    }
    FindOf(session, "its entry in the table of what is due is missing: it would never end");
    return absl::OkStatus();
  }

  // The fields of a session are neighbours.
  struct Fields {
    SessionNumber session = 0;
    uint64_t bytes = 0;
    Version newest = 0;
  };

  absl::Status CheckFields() {
    Fields fields;
    RETURN_IF_ERROR(
        view_.VisitFields([&](SessionNumber session, const Path& path, const stored::Field& field) {
          if (!look_failure_.ok()) return;
          if (session != fields.session) {
            look_failure_ = CheckFieldsOf(fields);
            fields = Fields{session, 0, 0};
          }
          const uint64_t bytes = FieldSizeBytes(path, ValueOf(field));
          fields.bytes += bytes;
          fields.newest = std::max(fields.newest, field.version());
          ++totals_.fields;
          totals_.field_bytes += bytes;
        }));
    RETURN_IF_ERROR(look_failure_);
    return CheckFieldsOf(fields);
  }

  absl::Status CheckFieldsOf(const Fields& fields) {
    if (fields.session == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Known known, Look(fields.session));
    if (!known.meta) {
      FindOf(fields.session, "there are fields of it, and no such session");
      return absl::OkStatus();
    }
    if (known.meta->dead()) return absl::OkStatus();
    if (fields.newest > known.meta->version()) {
      FindOf(fields.session, "a field of it is newer than the session");
    }
    if (fields.bytes > known.meta->bytes_bound() ||
        (known.meta->bytes_exact() && fields.bytes != known.meta->bytes_bound())) {
      FindOf(fields.session, "its fields have " + std::to_string(fields.bytes) +
                                 " bytes, it says " + std::to_string(known.meta->bytes_bound()));
    }
    return absl::OkStatus();
  }

  absl::Status CheckName(const NameKey& key, const stored::Name& name) {
    const std::string where = "a name of slot " + std::to_string(key.slot);
    if (!apps_.contains(key.app)) {
      ASSIGN_OR_RETURN(apps_[key.app], view_.AppName(key.app));
    }
    const std::optional<std::string>& app = apps_[key.app];
    if (!app) {
      Find(where, "it is of app " + std::to_string(key.app) + ", which there is not");
    } else if (SlotOf(*app, key.id) != key.slot) {
      Find(where, "it belongs into another slot: nobody finds it here");
    }
    if (!IsExact(key, name)) return absl::OkStatus();  // a hint, which the session's home decides
    ASSIGN_OR_RETURN(const Known known, Look(name.number()));
    if (!known.live() || known.identity->id() != key.id) {
      Find(where,
           "it leads to session " + std::to_string(name.number()) + ", which does not have it");
    }
    return absl::OkStatus();
  }

  absl::Status CheckOwners() {
    uint64_t entries = 0;
    RETURN_IF_ERROR(view_.VisitOwners([&](const OwnerKey& key) {
      if (!look_failure_.ok()) return;
      ++entries;
      const absl::StatusOr<Known> known = Look(key.session);
      look_failure_ = known.status();
      if (!known.ok() || (known->live() && known->identity->owner() == key.owner &&
                          known->identity->app() == key.app)) {
        return;
      }
      FindOf(key.session, "it is listed for an owner whose it is not");
    }));
    RETURN_IF_ERROR(look_failure_);
    if (entries < owned_) {
      Find("owners", std::to_string(owned_ - entries) +
                         " sessions have an owner for whom they are not listed");
    }
    return absl::OkStatus();
  }

  const FolderView& view_;
  RecordTotals& totals_;
  Findings& findings_;
  absl::Status look_failure_;  // the first one of a look-up within a visit
  absl::flat_hash_set<SessionNumber> dead_due_;
  uint64_t owned_ = 0;
  std::map<Slot, uint64_t> counts_;
  std::map<AppNumber, std::optional<std::string>> apps_;
};

}  // namespace

absl::Status CheckRecords(const FolderView& view, RecordTotals* totals, Findings* findings) {
  return RecordCheck(view, totals, findings).Run();
}

}  // namespace sessionhub::hub
