// RawReader: a node that speaks frames itself, so that it can stop reading and go on saying that it
// is there, which no client stub does. It checks what it is sent: each session's versions must
// follow each other.
#ifndef BENCH_OVERLOAD_RAW_READER_H_
#define BENCH_OVERLOAD_RAW_READER_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "sessionhub/v1/hub.grpc.pb.h"

namespace sessionhub::bench {

class RawReader {
 public:
  RawReader(const std::string& endpoint, std::string app, std::string name);
  // Ends the stream.
  ~RawReader();

  // Attaches, opens the sessions and reads on from then. Waits until all copies are there. Errors:
  // DeadlineExceeded, or Unavailable if the stream ends.
  absl::Status Open(const std::vector<std::string>& ids, std::chrono::milliseconds timeout);

  // Reads nothing from now on, or everything again. Heartbeats go on either way.
  void Pause(bool pause) ABSL_LOCKS_EXCLUDED(mutex_);

  // The versions of its copies, by session id.
  std::map<std::string, uint64_t> Versions() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Items whose `from` was not the version held.
  uint64_t gaps() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool ended() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Copy {
    std::string id;
    uint64_t version = 0;
  };

  void Read();
  void Beat();
  void Take(const v1::Item& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AllThere() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MayRead() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !paused_ || leaving_; }

  const std::string app_;
  const std::string name_;
  grpc::ClientContext context_;
  const std::unique_ptr<v1::Hub::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::NodeFrame, v1::HubFrame>> stream_;

  mutable absl::Mutex mutex_;
  std::vector<std::string> ids_ ABSL_GUARDED_BY(mutex_);     // by request - 1
  std::map<uint32_t, Copy> copies_ ABSL_GUARDED_BY(mutex_);  // by handle
  uint64_t gaps_ ABSL_GUARDED_BY(mutex_) = 0;
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool leaving_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread reads_;
  std::thread beats_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_RAW_READER_H_
