// Faults: what goes wrong in a FaultyFileSystem, and at which of its calls.
//
//   faults.Add({.call = Call::kSync, .nth = 3, .ending = ".log"});  // the third of a log fails
//   faults.Add({.what = Fault::What::kHold, .call = Call::kSync});  // the next sync waits ...
//   faults.WaitUntilHeld();
//   faults.Release();                                               // ... until now
//
// Thread-safe.
#ifndef TESTS_SUPPORT_FAULTS_H_
#define TESTS_SUPPORT_FAULTS_H_

#include <rocksdb/io_status.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::testing {

// What a program asks of a file system. From kCreate on, calls change what is stored.
enum class Call {
  kOpen,  // to read
  kRead,
  kCreate,  // a file, to write it
  kAppend,
  kSync,
  kSyncFolder,
  kRename,
  kDelete,
  kCreateFolder,
};
inline constexpr int kCalls = 9;
const char* NameOf(Call call);

struct Fault {
  enum class What {
    kFail,
    kCutPower,  // just before the call
    kHold,      // the call waits until Faults::Release
  };
  What what = What::kFail;
  std::optional<Call> call = {};  // nullopt: any that changes what is stored
  uint64_t nth = 1;               // of the calls that match, from now on; 1: the next one
  bool forever = false;           // strikes every later one too
  bool done = false;              // the call is done all the same, and then told to have failed
  std::string ending = {};        // of the paths of which calls match; empty: all
  rocksdb::IOStatus status = rocksdb::IOStatus::IOError("a call that the test lets fail");
};

class Faults {
 public:
  // `cut_power` is called by whoever makes the call, and must not make one itself.
  explicit Faults(std::function<void()> cut_power) : cut_power_(std::move(cut_power)) {}

  void Add(Fault fault);
  // Every fault is over: what is held goes on, and there is space again.
  void Clear();
  // How many faults have struck since Clear: calls that failed, appends that found no space, cuts.
  uint64_t struck() const;

  // Returns when a call is held; false if none is after a patience that no working test needs.
  bool WaitUntilHeld() const;
  // Lets go what is held, and ends every kHold.
  void Release();

  // From now on only so many bytes can be appended. A write that needs more gets what there is, and
  // fails with NoSpace; on a full disk no file can be made either. What is deleted gives nothing
  // back.
  void SetFreeBytes(uint64_t bytes);
  void EndFullDisk() { SetFreeBytes(kUnbounded); }

  // For FaultyFileSystem: makes a call, unless it is to fail.
  template <typename Act>
  rocksdb::IOStatus Make(Call call, const std::string& path, Act&& act) {
    const Verdict verdict = Judge(call, path);
    if (!verdict.status.ok() && !verdict.done) return verdict.status;
    rocksdb::IOStatus status = act();
    return verdict.status.ok() ? status : verdict.status;
  }
  // How many of these bytes there is space for. Takes them.
  uint64_t TakeSpace(uint64_t bytes);

 private:
  static constexpr uint64_t kUnbounded = std::numeric_limits<uint64_t>::max();

  struct Verdict {
    rocksdb::IOStatus status;
    bool done = false;
  };
  struct Armed {
    Fault fault;
    uint64_t calls = 0;  // that matched
  };

  Verdict Judge(Call call, const std::string& path);
  void Hold() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::function<void()> cut_power_;
  mutable absl::Mutex mutex_;
  std::vector<Armed> armed_ ABSL_GUARDED_BY(mutex_);
  uint64_t struck_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t held_ ABSL_GUARDED_BY(mutex_) = 0;      // calls that wait now
  uint64_t releases_ ABSL_GUARDED_BY(mutex_) = 0;  // ever
  uint64_t free_bytes_ ABSL_GUARDED_BY(mutex_) = kUnbounded;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_FAULTS_H_
