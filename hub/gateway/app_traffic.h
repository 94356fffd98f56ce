// AppTraffic: what the streams of each app carry, counted. Bounded by the apps of the hub
// (RosterOptions::apps_max): nodes attach after their app is known.
//
// Thread-safety: any thread may call anything.
#ifndef HUB_GATEWAY_APP_TRAFFIC_H_
#define HUB_GATEWAY_APP_TRAFFIC_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

// Since the start. Bytes are those of frames: without the headers of gRPC, HTTP/2 and TCP/IP.
struct Traffic {
  uint64_t frames_in = 0;
  uint64_t bytes_in = 0;
  uint64_t deltas_in = 0;
  uint64_t frames_out = 0;
  uint64_t bytes_out = 0;
  uint64_t forward_bytes = 0;   // of bytes_out: the changes in forwards, each for each of its nodes
  uint64_t catch_up_bytes = 0;  // of bytes_out: the fields in catch-ups
};

// Of what the hub has sent, that which a broadcast of whole sessions would have taken the place of,
// and what that would have been. Since the start.
struct SentBytes {
  uint64_t forward = 0;
  uint64_t catch_up = 0;
  uint64_t broadcast = 0;
};

// The traffic of one app, added to by its streams.
class TrafficCounter {
 public:
  void Read(uint64_t frames, uint64_t bytes) {
    Add(frames, &frames_in_);
    Add(bytes, &bytes_in_);
  }
  void Admitted(uint64_t deltas) { Add(deltas, &deltas_in_); }
  void Wrote(uint64_t bytes) {
    Add(1, &frames_out_);
    Add(bytes, &bytes_out_);
  }
  void WroteBodies(uint64_t forward_bytes, uint64_t catch_up_bytes) {
    Add(forward_bytes, &forward_bytes_);
    Add(catch_up_bytes, &catch_up_bytes_);
  }
  Traffic traffic() const;

 private:
  static void Add(uint64_t count, std::atomic<uint64_t>* counter) {
    if (count > 0) counter->fetch_add(count, std::memory_order_relaxed);
  }

  std::atomic<uint64_t> frames_in_ = 0;
  std::atomic<uint64_t> bytes_in_ = 0;
  std::atomic<uint64_t> deltas_in_ = 0;
  std::atomic<uint64_t> frames_out_ = 0;
  std::atomic<uint64_t> bytes_out_ = 0;
  std::atomic<uint64_t> forward_bytes_ = 0;
  std::atomic<uint64_t> catch_up_bytes_ = 0;
};

struct TrafficOfApp {
  AppNumber app = 0;
  std::string name;
  Traffic traffic;
};

class AppTraffic {
 public:
  // The app's counter, which lives as long as this.
  TrafficCounter* Of(AppNumber app, const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  // Of all apps that had a stream, in the order of their numbers.
  std::vector<TrafficOfApp> All() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct App {
    std::string name;
    TrafficCounter counter;
  };

  mutable absl::Mutex mutex_;
  std::map<AppNumber, App> apps_ ABSL_GUARDED_BY(mutex_);  // a map: its values never move
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_APP_TRAFFIC_H_
