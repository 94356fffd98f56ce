// SimulatedHub: one life of a hub, driven by hand: the real shards, registry, dispatchers,
// admission and frames on a MemoryStore, without gRPC and without threads of shards. It ends when
// it is destroyed; what is synced in the store then is all that the next life finds.
#ifndef TESTS_SIMULATION_SIMULATED_HUB_H_
#define TESTS_SIMULATION_SIMULATED_HUB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hub/forward/catch_up_reader.h"
#include "hub/forward/dispatcher.h"
#include "hub/forward/node_registry.h"
#include "hub/gateway/admission.h"
#include "hub/gateway/frames.h"
#include "hub/gateway/growth_hold.h"
#include "hub/journal/local_journal.h"
#include "hub/shard/mailbox.h"
#include "hub/shard/roster.h"
#include "hub/shard/router.h"
#include "hub/shard/shard.h"
#include "hub/store/memory_store.h"
#include "proto/session/limits.h"
#include "tests/simulation/sights.h"

namespace sessionhub::simulation {

struct HubOptions {
  uint32_t shards = 1;
  size_t outbox_bytes_max = 1 << 20;
  uint64_t lease_us = 5'000'000;
  uint64_t resend_horizon_us = 3600ull * 1'000'000;
  // From which size on sessions are left to the reader, and how much of their changes is kept
  // meanwhile.
  uint64_t turn_read_bytes_max = 256 << 10;
  size_t read_changes_bytes_max = 1 << 20;
  uint64_t turn_load_bytes_max = 64 << 20;
  size_t reads_max = 16;
  size_t read_chunk_bytes_max = 64 << 10;
  size_t chunk_bytes_max = 256 << 10;
  Limits limits;
  // Shown each turn that is in the store, before anything else happens.
  std::function<void(uint32_t shard, const std::vector<hub::Input>& inputs)> watch;
};

class SimulatedHub;

// The hub's end of one stream.
class HubStream {
 public:
  // `hub` is not owned and outlives this.
  explicit HubStream(SimulatedHub* hub) : hub_(hub) {}

  // A frame has arrived.
  void Receive(const std::string& bytes);
  // The next frame to send, of about `bytes_max`; nothing if there is none.
  std::optional<std::string> TakeFrame(size_t bytes_max);
  // Goes on with what waited for space on the disk.
  void Pump();
  // The node has gone.
  void PeerLeft();
  void End(v1::Goodbye::Why why, const std::string& message);

  // False while the node does not take its answers.
  bool reads() const { return !outbox_ || !outbox_->full(); }
  // True once the last frame has been taken.
  bool ended() const { return ended_; }
  // What the hub lets out from now on never reaches this stream.
  void DropOutbox() {
    if (outbox_) outbox_->Close();
  }

 private:
  void Hello(const v1::NodeFrame& frame);
  void Admit(const v1::NodeFrame& frame);
  void Post(hub::Input input);

  SimulatedHub* const hub_;
  hub::Origin origin_;
  std::shared_ptr<hub::Outbox> outbox_;
  std::optional<hub::Admission> admission_;
  hub::FrameEncoder encoder_;
  hub::GrowthHold hold_;
  uint64_t received_last_ = 0;
  uint64_t received_through_ = 0;  // to be told
  std::vector<std::string> first_frames_;
  std::optional<std::string> farewell_;
  bool ended_ = false;
};

class SimulatedHub {
 public:
  // `store` and `now_us` (hub time) are not owned.
  SimulatedHub(const HubOptions& options, hub::MemoryStore* store, const uint64_t* now_us);

  std::unique_ptr<HubStream> Accept() { return std::make_unique<HubStream>(this); }

  uint32_t shards() const { return options_.shards; }
  uint64_t served_us() const { return served_.At(*now_us_); }
  // One turn of a shard over at most `inputs_max` of what waits. False if the hub must stop.
  bool RunTurn(uint32_t shard, size_t inputs_max);
  // One step of the reader. False if it has nothing to do.
  bool RunReader() { return reader_->RunOnce(); }
  // Ends leases that are over, and incarnations away for the horizon, and looks at what is due.
  void Tick();
  // Whether the disk is too full for sessions to grow. If not, the streams are pumped.
  void SetGrowthWaits(bool waits) { growth_waits_ = waits; }
  // Says goodbye to all, for a clean stop.
  void Drain();
  // All sessions that are this owner's now are ended for it.
  void DeleteOwned(const std::string& owner);

  Sights sights() const;
  uint64_t sessions_expired() const;
  size_t reads() const { return reader_->reads(); }
  uint64_t copies_ahead() const;
  // What waits for the node that has most waiting for it.
  size_t outbox_bytes() const;
  bool Knows(const Incarnation& incarnation) const { return registry_->Knows(incarnation); }

 private:
  friend class HubStream;

  const HubOptions options_;
  hub::MemoryStore* const store_;
  const uint64_t* const now_us_;
  hub::ServedTime served_;  // of this life
  hub::LocalJournal journal_;
  std::vector<std::unique_ptr<hub::Mailbox>> mailboxes_;
  std::unique_ptr<hub::Router> router_;
  std::unique_ptr<hub::CatchUpReader> reader_;
  std::unique_ptr<hub::NodeRegistry> registry_;
  std::vector<std::unique_ptr<hub::Dispatcher>> dispatchers_;
  std::vector<std::unique_ptr<hub::Shard>> shards_;
  std::unique_ptr<hub::Roster> roster_;
  bool growth_waits_ = false;
  bool failed_ = false;
  uint64_t parted_turns_ = 0;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_SIMULATED_HUB_H_
