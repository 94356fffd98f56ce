// Hub: builds the parts of a hub, starts them and stops them in order. No logic of its own.
#ifndef HUB_HUB_H_
#define HUB_HUB_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/config.h"
#include "hub/hub_clock.h"
#include "hub/space_watch.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

class Hub {
 public:
  // Starts to serve what `store` holds, under the history id `store` has. Errors: InvalidArgument
  // for options that CheckConfig refuses and for an address that may not be served, Unavailable for
  // one that cannot be bound, else those of the store. `free_space` is that of the store's disk;
  // nullptr: there is none. Tests bring clocks of their own.
  static absl::StatusOr<std::unique_ptr<Hub>> Start(const Config& config,
                                                    std::shared_ptr<Store> store,
                                                    FreeSpace free_space = nullptr,
                                                    Clocks clocks = {});

  // Ends at once, as a crash does for the nodes: nothing is answered any more.
  virtual ~Hub() = default;

  // The port it listens on.
  virtual int port() const = 0;

  // Sets the hub's time on by this much, for tests: everything that is due by then is seen to.
  virtual void AdvanceTime(uint64_t us) = 0;

  // Looks at the free space now; the hub itself does it every second.
  virtual void LookAtTheDisk() = 0;

  // Stops reading, finishes the turns, writes what is to be answered for at most config.drain_ms,
  // tells the nodes, and ends. Call once.
  virtual void Drain() = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_HUB_H_
