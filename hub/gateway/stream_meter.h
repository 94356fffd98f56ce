// StreamMeter: what one stream carries and how long its frames take: into its app's traffic and the
// walk's histograms. Belongs to its stream, under the stream's lock.
#ifndef HUB_GATEWAY_STREAM_METER_H_
#define HUB_GATEWAY_STREAM_METER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hub/forward/outbox_item.h"
#include "hub/gateway/app_traffic.h"
#include "hub/walk_times.h"

namespace sessionhub::hub {

class StreamMeter {
 public:
  // Neither is owned; both outlive the stream.
  StreamMeter(WalkTimes* times, AppTraffic* apps) : times_(times), apps_(apps) {}

  // The node has said which app it is of. What was read before is counted now.
  void Attached(AppNumber app, const std::string& app_name) {
    traffic_ = apps_->Of(app, app_name);
    traffic_->Read(early_frames_, early_bytes_);
    read_ns_ = NowNs();  // the registration was no part of the admission
  }

  void Read(uint64_t bytes) {
    read_ns_ = NowNs();
    if (traffic_) return traffic_->Read(1, bytes);
    ++early_frames_;
    early_bytes_ += bytes;
  }
  // The frame read last has become inputs, `deltas` of them deltas.
  void Admitted(uint64_t deltas) {
    times_->Record(WalkStep::kAdmission, NowNs() - read_ns_);
    if (traffic_) traffic_->Admitted(deltas);
  }

  // A frame with these items is written next.
  void Encoded(const std::vector<OutboxItem>& items);
  // The write of a frame begins; that of the one before has ended.
  void Writes(uint64_t bytes) {
    written_ns_ = NowNs();
    if (traffic_) traffic_->Wrote(bytes);
  }
  void WriteDone() { times_->Record(WalkStep::kStream, NowNs() - written_ns_); }

 private:
  WalkTimes* const times_;
  AppTraffic* const apps_;
  TrafficCounter* traffic_ = nullptr;  // nullptr: not attached yet
  uint64_t early_frames_ = 0;
  uint64_t early_bytes_ = 0;
  uint64_t read_ns_ = 0;
  uint64_t written_ns_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_STREAM_METER_H_
