#include "tests/support/faults.h"

#include <algorithm>
#include <array>

#include "absl/time/time.h"
#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

constexpr std::array<const char*, kCalls> kCallNames = {
    "open", "read", "create", "append", "sync", "sync-folder", "rename", "delete", "create-folder"};

bool Changes(Call call) {
  return call >= Call::kCreate;
}

bool Matches(const Fault& fault, Call call, const std::string& path) {
  const bool is_meant = fault.call ? *fault.call == call : Changes(call);
  return is_meant && path.ends_with(fault.ending);
}

}  // namespace

const char* NameOf(Call call) {
  return kCallNames[static_cast<size_t>(call)];
}

void Faults::Add(Fault fault) {
  absl::MutexLock lock(&mutex_);
  armed_.push_back({std::move(fault)});
}

void Faults::Clear() {
  Release();
  absl::MutexLock lock(&mutex_);
  armed_.clear();
  struck_ = 0;
  free_bytes_ = kUnbounded;
}

uint64_t Faults::struck() const {
  absl::MutexLock lock(&mutex_);
  return struck_;
}

bool Faults::WaitUntilHeld() const {
  absl::MutexLock lock(&mutex_);
  const auto held = [this] {
    mutex_.AssertReaderHeld();
    return held_ > 0;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&held), absl::FromChrono(kPatience));
}

void Faults::Release() {
  absl::MutexLock lock(&mutex_);
  ++releases_;
  const auto holds = [](const Armed& armed) { return armed.fault.what == Fault::What::kHold; };
  armed_.erase(std::remove_if(armed_.begin(), armed_.end(), holds), armed_.end());
}

void Faults::SetFreeBytes(uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  free_bytes_ = bytes;
}

uint64_t Faults::TakeSpace(uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  if (free_bytes_ == kUnbounded) return bytes;
  const uint64_t taken = std::min(bytes, free_bytes_);
  free_bytes_ -= taken;
  if (taken < bytes) ++struck_;
  return taken;
}

void Faults::Hold() {
  const uint64_t releases = releases_;
  ++held_;
  const auto released = [&] {
    mutex_.AssertReaderHeld();
    return releases_ != releases;
  };
  mutex_.Await(absl::Condition(&released));
  --held_;
}

Faults::Verdict Faults::Judge(Call call, const std::string& path) {
  absl::MutexLock lock(&mutex_);
  Verdict verdict;
  bool hold = false;
  for (Armed& armed : armed_) {
    if (!Matches(armed.fault, call, path)) continue;
    ++armed.calls;
    const bool due =
        armed.fault.forever ? armed.calls >= armed.fault.nth : armed.calls == armed.fault.nth;
    if (!due) continue;
    if (armed.fault.what == Fault::What::kHold) {
      hold = true;
      continue;
    }
    ++struck_;
    if (armed.fault.what == Fault::What::kCutPower) cut_power_();
    if (armed.fault.what == Fault::What::kFail) verdict = {armed.fault.status, armed.fault.done};
  }
  if (free_bytes_ == 0 && (call == Call::kCreate || call == Call::kCreateFolder)) {
    ++struck_;
    verdict = {rocksdb::IOStatus::NoSpace("No space left on device", path), false};
  }
  if (hold) Hold();
  return verdict;
}

}  // namespace sessionhub::testing
