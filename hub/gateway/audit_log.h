// AuditLog: who attached and who called what, one JSON object a line, for people and their tools.
#ifndef HUB_GATEWAY_AUDIT_LOG_H_
#define HUB_GATEWAY_AUDIT_LOG_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::hub {

// What a line says; what is empty is left out. No value, no whole session id and no token has a
// place here.
struct AuditEntry {
  std::string event;  // "call", "attach", "revoked", "detach", "refused"
  std::string call;   // "GetSession"
  std::string token;  // its id; of one that is not right, the id that it claims
  std::string role;
  std::string app;
  std::string node;
  std::string peer;
  std::string session;            // the first bytes of its id
  std::string session_hash;       // IdLabels::Hash
  std::string owner_hash;         // the same, of an owner
  bool full_ids = false;          // whole ids, or owners, were given out
  std::optional<uint32_t> keep;   // of CreateBackup: how many backups are kept; 0: all
  uint32_t backup = 0;            // the id of the one that was made; 0: none
  std::vector<uint32_t> removed;  // ids of those that were not kept
  uint64_t unwritten = 0;         // further events of this kind before this one that have no line
  std::string outcome;            // the name of a status code: "OK", "PERMISSION_DENIED"
};

// Safe from any thread. Write never waits for the disk: a thread of the log's own writes.
class AuditLog {
 public:
  // Lines that wait to be written. Past it lines are lost, and the next one says how many.
  static constexpr size_t kWaitingMax = 10'000;

  // Appends to the file, which is made with mode 0600 if it is missing. Once it has `bytes_max` it
  // becomes PATH.1, in place of an older one. `wall_us` is Unix time. FailedPrecondition if others
  // may read or write the file, which names it and what to do; else errors are the system's.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(std::string path, uint64_t bytes_max,
                                                        uint64_t (*wall_us)());
  // Writes what waits.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  void Write(const AuditEntry& entry) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  AuditLog(std::string path, uint64_t bytes_max, uint64_t (*wall_us)());

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !waiting_.empty(); }
  absl::Status OpenFile();
  absl::Status CheckMode() const;
  absl::Status Append(const std::string& line);
  absl::Status WriteWhole(const std::string& text);
  absl::Status Rotate();

  const std::string path_;
  const uint64_t bytes_max_;
  uint64_t (*const wall_us_)();

  // The writing thread's, after Open.
  int descriptor_ = -1;
  uint64_t bytes_ = 0;
  bool torn_ = false;  // the file ends within a line

  absl::Mutex mutex_;
  std::deque<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  uint64_t lost_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // set by Open
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_AUDIT_LOG_H_
