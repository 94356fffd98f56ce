#include "bench/compare/session_copies.h"

#include <utility>

#include "bench/compare/session_bytes.h"
#include "bench/compare/store_settings.h"

namespace sessionhub::bench {

std::optional<SessionCopies::Found> SessionCopies::Find(const std::string& id) {
  const absl::MutexLock lock(&mutex_);
  const auto found = copies_.find(id);
  if (found == copies_.end() || !found->second.fields) return std::nullopt;
  Copy& copy = found->second;
  const Time now = clock_();
  if (now - copy.used_at >= kSessionLife) {
    copies_.erase(found);
    return std::nullopt;
  }
  const bool touch_due = now - copy.used_at >= kTouchPause;
  if (touch_due) copy.used_at = now;
  return Found{*copy.fields, touch_due};
}

SessionCopies::Told SessionCopies::Begin(const std::string& id) {
  const absl::MutexLock lock(&mutex_);
  const auto [found, is_new] = copies_.try_emplace(id);
  if (is_new) found->second.told = ++last_told_;
  return found->second.told;
}

void SessionCopies::Keep(const std::string& id, SessionFields fields, Told begun) {
  const absl::MutexLock lock(&mutex_);
  const auto found = copies_.find(id);
  if (found == copies_.end() || found->second.told != begun) return;
  found->second.fields = std::move(fields);
  found->second.used_at = clock_();
}

void SessionCopies::Put(const std::string& id, SessionFields fields) {
  const absl::MutexLock lock(&mutex_);
  copies_[id] = {std::move(fields), ++last_told_, clock_()};
}

void SessionCopies::Apply(const std::string& id, const SessionFields& changes) {
  const absl::MutexLock lock(&mutex_);
  const auto found = copies_.find(id);
  if (found == copies_.end()) return;
  found->second.told = ++last_told_;
  if (!found->second.fields) return;
  ApplyChanges(changes, &*found->second.fields);
  found->second.used_at = clock_();
}

void SessionCopies::Drop(const std::string& id) {
  const absl::MutexLock lock(&mutex_);
  copies_.erase(id);
}

void SessionCopies::DropAll() {
  const absl::MutexLock lock(&mutex_);
  copies_.clear();
}

}  // namespace sessionhub::bench
