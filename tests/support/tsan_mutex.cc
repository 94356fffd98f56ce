// Makes absl::Mutex visible to ThreadSanitizer. Linked into every program of a `thread` build, and
// only there.
//
// Debian's Abseil is not built for ThreadSanitizer, so it sees neither our locks nor those inside
// gRPC, and reports everything they guard. The functions here take the place of Abseil's for the
// whole process, gRPC's calls included: each calls the one it replaces and tells what it orders.
// Conditions run inside those calls, on whichever thread unlocks, with the mutex held; what they
// read is therefore not checked.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/base/dynamic_annotations.h"
#include "absl/synchronization/mutex.h"

#define STRINGIFY_IMPL_(text) #text
#define STRINGIFY_(text) STRINGIFY_IMPL_(text)

namespace {

// The function that was replaced. `tail` is its mangled name from the class on.
void* Replaced(const std::string& tail) {
  const std::string inline_name = STRINGIFY_(ABSL_OPTION_INLINE_NAMESPACE_NAME);
  const std::string name = "_ZN4absl" + std::to_string(inline_name.size()) + inline_name + tail;
  void* function = dlsym(RTLD_NEXT, name.c_str());
  if (function == nullptr) {
    std::fprintf(stderr, "tsan_mutex: this Abseil has no %s\n", name.c_str());
    std::abort();
  }
  return function;
}

template <typename Result, typename... Arguments>
Result CallUnchecked(void* function, Arguments... arguments) {
  struct IgnoreReads {
    IgnoreReads() { ABSL_ANNOTATE_IGNORE_READS_BEGIN(); }
    ~IgnoreReads() { ABSL_ANNOTATE_IGNORE_READS_END(); }
  } ignore_reads;
  return reinterpret_cast<Result (*)(Arguments...)>(function)(arguments...);
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static void* const replaced = Replaced("5Mutex4LockEv");
  CallUnchecked<void>(replaced, this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static void* const replaced = Replaced("5Mutex6UnlockEv");
  __tsan_release(this);
  CallUnchecked<void>(replaced, this);
}

bool Mutex::TryLock() {
  static void* const replaced = Replaced("5Mutex7TryLockEv");
  const bool locked = CallUnchecked<bool>(replaced, this);
  if (locked) __tsan_acquire(this);
  return locked;
}

void Mutex::ReaderLock() {
  static void* const replaced = Replaced("5Mutex10ReaderLockEv");
  CallUnchecked<void>(replaced, this);
  __tsan_acquire(this);
}

void Mutex::ReaderUnlock() {
  static void* const replaced = Replaced("5Mutex12ReaderUnlockEv");
  __tsan_release(this);
  CallUnchecked<void>(replaced, this);
}

void Mutex::Await(const Condition& condition) {
  static void* const replaced = Replaced("5Mutex5AwaitERKNS0_9ConditionE");
  __tsan_release(this);
  CallUnchecked<void>(replaced, this, &condition);
  __tsan_acquire(this);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static void* const replaced =
      Replaced("5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  __tsan_release(this);
  const bool held = CallUnchecked<bool>(replaced, this, &condition, timeout);
  __tsan_acquire(this);
  return held;
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static void* const replaced = Replaced("5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  __tsan_release(this);
  const bool held = CallUnchecked<bool>(replaced, this, &condition, deadline);
  __tsan_acquire(this);
  return held;
}

void Mutex::LockWhen(const Condition& condition) {
  static void* const replaced = Replaced("5Mutex8LockWhenERKNS0_9ConditionE");
  CallUnchecked<void>(replaced, this, &condition);
  __tsan_acquire(this);
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  static void* const replaced =
      Replaced("5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  const bool held = CallUnchecked<bool>(replaced, this, &condition, timeout);
  __tsan_acquire(this);
  return held;
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  static void* const replaced =
      Replaced("5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  const bool held = CallUnchecked<bool>(replaced, this, &condition, deadline);
  __tsan_acquire(this);
  return held;
}

void CondVar::Wait(Mutex* mutex) {
  static void* const replaced = Replaced("7CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  CallUnchecked<void>(replaced, this, mutex);
  __tsan_acquire(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static void* const replaced = Replaced("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mutex);
  const bool timed_out = CallUnchecked<bool>(replaced, this, mutex, timeout);
  __tsan_acquire(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static void* const replaced = Replaced("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool timed_out = CallUnchecked<bool>(replaced, this, mutex, deadline);
  __tsan_acquire(mutex);
  return timed_out;
}

ABSL_NAMESPACE_END
}  // namespace absl
