#include "client/cpp/src/near_cache.h"

#include <algorithm>
#include <utility>

namespace sessionhub::client {
namespace {

// What a copy costs besides its fields, so that copies of empty sessions are bounded too.
constexpr size_t kCopyBytes = 256;
constexpr int kEvictLooksMax = 128;

size_t AllBytes(const FieldMap& fields) {
  size_t bytes = 0;
  for (const auto& [path, value] : fields) bytes += FieldSizeBytes(path, value);
  return bytes;
}

bool ErasesSubtree(const Delta& changes) {
  return std::any_of(changes.operations.begin(), changes.operations.end(),
                     [](const Operation& op) { return op.kind == Operation::Kind::kEraseSubtree; });
}

// Each path that `changes` touches, once.
std::vector<const Path*> TouchedPaths(const Delta& changes) {
  std::vector<const Path*> paths;
  paths.reserve(changes.operations.size());
  for (const Operation& operation : changes.operations) paths.push_back(&operation.path);
  std::sort(paths.begin(), paths.end(), [](const Path* a, const Path* b) { return *a < *b; });
  paths.erase(std::unique(paths.begin(), paths.end(),
                          [](const Path* a, const Path* b) { return *a == *b; }),
              paths.end());
  return paths;
}

size_t BytesAt(const std::vector<const Path*>& paths, const FieldMap& fields) {
  size_t bytes = 0;
  for (const Path* path : paths) {
    if (auto it = fields.find(*path); it != fields.end()) {
      bytes += FieldSizeBytes(it->first, it->second);
    }
  }
  return bytes;
}

// Applies `changes` and keeps `*bytes` true, looking only at the fields that are touched where it
// can.
bool ApplyCounted(const Delta& changes, FieldMap* fields, size_t* bytes) {
  if (ErasesSubtree(changes)) {
    if (!sessionhub::Apply(changes, fields).ok()) return false;
    *bytes = AllBytes(*fields);
    return true;
  }
  const std::vector<const Path*> paths = TouchedPaths(changes);
  const size_t before = BytesAt(paths, *fields);
  if (!sessionhub::Apply(changes, fields).ok()) return false;
  *bytes = *bytes - before + BytesAt(paths, *fields);
  return true;
}

// The copy's own fields, to change: in place if no View shows them, else a copy of them.
FieldMap* MutableFields(Copy* copy) {
  copy->view.reset();
  if (copy->fields->views.load(std::memory_order_acquire) > 0) {
    auto fresh = std::make_shared<SharedFields>();
    fresh->map = copy->fields->map;
    copy->fields = std::move(fresh);
  }
  return &copy->fields->map;
}

void SetIdleTimeout(const Settings& settings, Copy* copy) {
  if (settings.idle_timeout_ms) {
    copy->idle_timeout = std::chrono::milliseconds(*settings.idle_timeout_ms);
  }
}

}  // namespace

Copy* NearCache::Add(const std::string& id, SessionNumber number) {
  auto owned = std::make_unique<Copy>();
  Copy* copy = owned.get();
  copy->id = id;
  copy->ref = {number, ++last_stamp_};
  copy->place = use_order_.insert(use_order_.begin(), copy);
  copies_[number] = std::move(owned);
  by_id_[id] = copy;
  bytes_ += kCopyBytes;
  return copy;
}

Copy* NearCache::Find(SessionNumber number) const {
  auto it = copies_.find(number);
  return it == copies_.end() ? nullptr : it->second.get();
}

Copy* NearCache::Find(const CopyRef& ref) const {
  Copy* copy = Find(ref.number);
  return copy && copy->ref.stamp == ref.stamp ? copy : nullptr;
}

Copy* NearCache::FindById(const std::string& id) const {
  auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

Copy* NearCache::FindByHandle(uint32_t handle) const {
  auto it = by_handle_.find(handle);
  return it == by_handle_.end() ? nullptr : it->second;
}

void NearCache::ForEach(const std::function<void(Copy*)>& visit) const {
  for (Copy* copy : use_order_) visit(copy);
}

void NearCache::SetId(Copy* copy, const std::string& id) {
  if (FindById(copy->id) == copy) by_id_.erase(copy->id);
  copy->id = id;
  by_id_[id] = copy;
}

void NearCache::SetHandle(Copy* copy, uint32_t handle) {
  if (copy->handle != 0) by_handle_.erase(copy->handle);
  copy->handle = handle;
  if (handle == 0) return;
  if (Copy* other = FindByHandle(handle)) other->handle = 0;
  by_handle_[handle] = copy;
}

void NearCache::VoidHandles() {
  for (Copy* copy : use_order_) copy->handle = 0;
  by_handle_.clear();
}

void NearCache::Drop(Copy* copy) {
  SetHandle(copy, 0);
  if (FindById(copy->id) == copy) by_id_.erase(copy->id);
  use_order_.erase(copy->place);
  bytes_ -= copy->bytes + kCopyBytes;
  copies_.erase(copy->ref.number);
}

void NearCache::Touch(Copy* copy) {
  if (copy->place == use_order_.begin()) return;
  use_order_.splice(use_order_.begin(), use_order_, copy->place);
}

NearCache::Outcome NearCache::Apply(Copy* copy, Version from, Version to, const Delta& changes) {
  if (to <= copy->version) return Outcome::kOld;
  if (from != copy->version) return Outcome::kGap;
  const size_t before = copy->bytes;
  // A change that does not apply says that the copy is not what the hub believes: as good as a gap.
  if (!ApplyCounted(changes, MutableFields(copy), &copy->bytes)) return Outcome::kGap;
  bytes_ = bytes_ - before + copy->bytes;
  copy->version = to;
  SetIdleTimeout(changes.settings, copy);
  return Outcome::kApplied;
}

NearCache::Outcome NearCache::Install(Copy* copy, bool replace, Version from, Version to,
                                      const Delta& changes) {
  const bool reverts = replace && copy->version_told.value_or(0) > to;
  if (to <= copy->version && !reverts) return Outcome::kOld;
  if (!replace && from > copy->version) return Outcome::kGap;
  if (!replace) return Apply(copy, copy->version, to, changes);
  FieldMap fields;
  if (!sessionhub::Apply(changes, &fields).ok()) return Outcome::kGap;
  const size_t before = copy->bytes;
  FieldMap* held = MutableFields(copy);
  *held = std::move(fields);
  copy->bytes = AllBytes(*held);
  bytes_ = bytes_ - before + copy->bytes;
  copy->version = to;
  SetIdleTimeout(changes.settings, copy);
  if (!reverts) return Outcome::kApplied;
  copy->version_told = to;
  return Outcome::kReverted;
}

std::vector<uint32_t> NearCache::Evict(size_t bytes_max,
                                       const std::function<bool(const Copy&)>& busy) {
  std::vector<uint32_t> closes;
  for (int looks = 0; bytes_ > bytes_max && !use_order_.empty() && looks < kEvictLooksMax;
       ++looks) {
    Copy* copy = use_order_.back();
    if (copy->pins > 0 || busy(*copy)) {
      Touch(copy);  // so that the next look finds another one
      continue;
    }
    if (copy->handle != 0) closes.push_back(copy->handle);
    Drop(copy);
  }
  return closes;
}

}  // namespace sessionhub::client
