// HeldStore: a store in memory whose syncs wait while it is held: a disk that takes its time.
#ifndef TESTS_SUPPORT_HELD_STORE_H_
#define TESTS_SUPPORT_HELD_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "hub/store/memory_store.h"

namespace sessionhub::testing {

class HeldStore : public hub::Store {
 public:
  void Hold(bool held) {
    absl::MutexLock lock(&mutex_);
    held_ = held;
  }
  // That wait now.
  int syncs_held() {
    absl::MutexLock lock(&mutex_);
    return waiting_;
  }

  absl::Status Load(const hub::ReadSet& reads, hub::Loaded* loaded) const override {
    return store_->Load(reads, loaded);
  }
  absl::Status Apply(const hub::TurnRecord& record, bool sync) override {
    if (sync) {
      absl::MutexLock lock(&mutex_);
      ++waiting_;
      mutex_.Await(absl::Condition(
          +[](bool* held) { return !*held; }, &held_));
      --waiting_;
    }
    return store_->Apply(record, sync);
  }
  absl::Status ScanFields(
      SessionNumber session,
      const std::function<bool(const Path&, const hub::stored::Field&)>& visit) const override {
    return store_->ScanFields(session, visit);
  }
  absl::StatusOr<std::vector<hub::NameEntry>> ListNames(AppNumber app,
                                                        const std::optional<hub::NameKey>& after,
                                                        size_t count_max) const override {
    return store_->ListNames(app, after, count_max);
  }
  absl::StatusOr<std::vector<SessionNumber>> ListOwned(AppNumber app, const std::string& owner,
                                                       SessionNumber after,
                                                       size_t count_max) const override {
    return store_->ListOwned(app, owner, after, count_max);
  }
  absl::StatusOr<std::vector<hub::AppSlotCount>> ListAppSessions() const override {
    return store_->ListAppSessions();
  }
  absl::StatusOr<std::optional<hub::stored::App>> FindApp(const std::string& name) const override {
    return store_->FindApp(name);
  }
  absl::StatusOr<AppNumber> LastAppNumber() const override { return store_->LastAppNumber(); }
  absl::StatusOr<std::optional<hub::stored::Incarnation>> FindIncarnation(
      const Incarnation& incarnation) const override {
    return store_->FindIncarnation(incarnation);
  }
  std::unique_ptr<hub::SessionSnapshot> PinSession(SessionNumber session) const override {
    return store_->PinSession(session);
  }
  absl::StatusOr<uint64_t> FindLastSeen(const Incarnation& incarnation) const override {
    return store_->FindLastSeen(incarnation);
  }
  absl::StatusOr<std::vector<hub::LastSeenEntry>> ListLastSeen(
      const std::optional<Incarnation>& after, size_t count_max) const override {
    return store_->ListLastSeen(after, count_max);
  }
  absl::StatusOr<uint64_t> LastHubTime() const override { return store_->LastHubTime(); }
  absl::StatusOr<uint64_t> LastServedTime() const override { return store_->LastServedTime(); }
  HistoryId history_id() const override { return store_->history_id(); }
  uint32_t format() const override { return store_->format(); }
  uint32_t newest_format() const override { return store_->newest_format(); }
  absl::Status FinalizeFormat() override { return store_->FinalizeFormat(); }

 private:
  const std::unique_ptr<hub::MemoryStore> store_ = hub::MemoryStore::Create(HistoryId{1});
  absl::Mutex mutex_;
  bool held_ = false;
  int waiting_ = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_HELD_STORE_H_
