// NodeStream: one Attach stream, from its first frame to its last. Reads frames into the mailboxes
// and writes what the outbox holds; never blocks, as it runs on gRPC threads.
#ifndef HUB_GATEWAY_NODE_STREAM_H_
#define HUB_GATEWAY_NODE_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/forward/node_registry.h"
#include "hub/forward/outbox.h"
#include "hub/gateway/admission.h"
#include "hub/gateway/auth.h"
#include "hub/gateway/frames.h"
#include "hub/gateway/gateway_context.h"
#include "hub/gateway/growth_hold.h"
#include "hub/gateway/next_read.h"
#include "hub/gateway/stream_meter.h"
#include "hub/shard/registrar.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

inline constexpr uint32_t kProtocolVersion = 1;
// How much more than frame_bytes_max gRPC is to let through: past its own bound it ends the stream
// itself, with a text that names no option of ours.
inline constexpr uint64_t kReceiveSlackBytes = 64 << 10;
// How much of one node may wait for space on the disk.
inline constexpr size_t kHeldBytesMax = 1 << 20;

// What of one stream has no answer yet.
struct StreamFill {
  uint64_t in_flight_deltas = 0;
  size_t held_bytes = 0;  // of them that wait for space on the disk
};

// Owned by gRPC through itself from Start until OnDone; others hold weak pointers.
//
// Reads: one at a time. The next read starts when every input of the last frame is in a mailbox, or
// waits for space on the disk, and the node has fewer than limits.in_flight_deltas_max unanswered
// deltas, less than kHeldBytesMax of them waiting for space, and room in its outbox, and its app is
// within its rates; if NextRead says so, once the frame's commit is answered. The first frame waits
// until all mailboxes have room, and what it holds besides its hello for the rates of its app. That
// is all the flow control there is. Writes: one in flight; its OnWriteDone frees the write slot.
class NodeStream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                   public std::enable_shared_from_this<NodeStream> {
 public:
  // `call` is gRPC's and lives until OnDone; `caller` is who makes it.
  NodeStream(const GatewayContext& context, grpc::CallbackServerContext* call, Caller caller);

  const Caller& caller() const { return caller_; }

  // Begins to read. Call once, after a shared pointer to this exists.
  void Start() ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the stream with a last frame, after what is already in the outbox.
  void End(v1::Goodbye::Why why, const std::string& message) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the stream with this status, as soon as a write in flight is over and before all else: its
  // caller is not let in, or not any more. A node goes on trying.
  void Refuse(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes no further frame, for the hub stops; what was read is still decided and answered. A node
  // that is not attached yet has nothing to wait for: it is sent away.
  void StopReading() ABSL_LOCKS_EXCLUDED(mutex_);

  // Called twice in each heartbeat: writes one if nothing else was written, and ends a stream that
  // has no hello for three of them, or whose peer does not take its last frame, and one whose node
  // has been silent while it was being read.
  void Tick() ABSL_LOCKS_EXCLUDED(mutex_);

  // True if the stream has nothing left to post, to be answered or to write.
  bool Idle() const ABSL_LOCKS_EXCLUDED(mutex_);

  StreamFill fill() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Goes on with what waited for room in a mailbox, or for space on the disk.
  void Pump() ABSL_LOCKS_EXCLUDED(mutex_);

  // The same with what waited for its app's rate.
  void PumpUnlessRoomIsAwaited() ABSL_LOCKS_EXCLUDED(mutex_);

  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Farewell {
    v1::Goodbye::Why why = v1::Goodbye::WHY_UNSPECIFIED;
    std::string message;
  };

  void HandleFrame(const v1::NodeFrame& frame) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void HandleHello(v1::NodeFrame frame, uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void HandleRest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Register() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnRegistered(const v1::NodeFrame& frame, absl::StatusOr<Registered> registered)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnAttached(const v1::NodeFrame& first, AppNumber app, const Attachment& attachment)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void PostBacklog() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LimitSessions(OpenInput* open) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PumpLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteSome() ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteSomeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string NewsOfGrowth() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteFrame(const std::string& bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndLocked(v1::Goodbye::Why why, const std::string& message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RefuseLocked(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Audit(const char* event, const absl::Status& outcome) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NodeLeft() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishNow(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string AttachedFrame(const Attachment& attachment, uint64_t features) const;

  const GatewayContext& context_;
  const Caller caller_;
  const std::string peer_;
  grpc::CallbackServerContext* const call_;  // gone once done_ is set

  mutable absl::Mutex mutex_;
  std::shared_ptr<NodeStream> self_ ABSL_GUARDED_BY(mutex_);  // until OnDone
  Origin origin_ ABSL_GUARDED_BY(mutex_);                     // node 0: not attached yet
  std::shared_ptr<Outbox> outbox_ ABSL_GUARDED_BY(mutex_);
  std::optional<Admission> admission_ ABSL_GUARDED_BY(mutex_);
  std::string app_ ABSL_GUARDED_BY(mutex_);  // as the hello says; empty: not read, or not legal
  std::string node_name_ ABSL_GUARDED_BY(mutex_);
  bool entered_ ABSL_GUARDED_BY(mutex_) = false;  // counts among its app's streams

  StreamMeter meter_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer read_buffer_;  // gRPC's while reading_ is set
  bool hello_seen_ ABSL_GUARDED_BY(mutex_) = false;
  // The first frame, until the mailboxes have room for the attach. Two streams of one node may then
  // attach in another order than they came in: the one that is cut comes back.
  std::optional<v1::NodeFrame> hello_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::NodeFrame> rest_ ABSL_GUARDED_BY(mutex_);  // of it, once it is attached
  bool confirmed_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool node_left_ ABSL_GUARDED_BY(mutex_) = false;
  bool waiting_for_room_ ABSL_GUARDED_BY(mutex_) = false;
  NextRead next_read_ ABSL_GUARDED_BY(mutex_);
  std::deque<Input> backlog_ ABSL_GUARDED_BY(mutex_);      // read, not yet in a mailbox
  GrowthHold hold_ ABSL_GUARDED_BY(mutex_);                // before the backlog
  uint64_t received_last_ ABSL_GUARDED_BY(mutex_) = 0;     // the last delta that asked to be told
  uint64_t received_through_ ABSL_GUARDED_BY(mutex_) = 0;  // the same, once all before it are there
  uint64_t told_received_through_ ABSL_GUARDED_BY(mutex_) = 0;
  bool told_growth_waits_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t unanswered_deltas_ ABSL_GUARDED_BY(mutex_) = 0;
  int silent_ticks_ ABSL_GUARDED_BY(mutex_) = 0;
  int unread_ticks_ ABSL_GUARDED_BY(mutex_) = 0;  // as far as what waits for space is the reason

  FrameEncoder encoder_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer write_buffer_;  // gRPC's while writing_ is set
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool wrote_since_tick_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Farewell> farewell_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> refusal_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;  // gRPC has let go of the call
  int waiting_ticks_ ABSL_GUARDED_BY(mutex_) = 0;
};

// What a node is told that is DRAINING.
inline constexpr char kHubStops[] = "this hub is stopping: come back later";

// The gRPC status that goes with a farewell.
grpc::Status FarewellStatus(v1::Goodbye::Why why, const std::string& message);

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_NODE_STREAM_H_
