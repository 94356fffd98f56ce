// Hub: builds the parts of a hub, starts them and stops them in order. No logic of its own.
#ifndef HUB_HUB_H_
#define HUB_HUB_H_

#include <cstdint>
#include <functional>
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
  // nullptr: there is none. Tests bring clocks of their own. `ask_to_stop` is called when an
  // operator asks for a drain, on any thread: it must see to it that Drain is called, elsewhere and
  // soon; nullptr: such calls are refused.
  static absl::StatusOr<std::unique_ptr<Hub>> Start(const Config& config,
                                                    std::shared_ptr<Store> store,
                                                    FreeSpace free_space = nullptr,
                                                    Clocks clocks = {},
                                                    std::function<void()> ask_to_stop = nullptr);

  // Ends at once, as a crash does for the nodes: nothing is answered any more.
  virtual ~Hub() = default;

  // The port it listens on.
  virtual int port() const = 0;

  // That of config.metrics_listen; 0: there is none.
  virtual int metrics_port() const = 0;

  // Sets the hub's time on by this much, for tests: everything that is due by then is seen to.
  virtual void AdvanceTime(uint64_t us) = 0;

  // Looks at the free space now; the hub itself does it every second.
  virtual void LookAtTheDisk() = 0;

  // Takes over what `config` says for the options that are reloadable (options/option_table.cc), of
  // which this is all or nothing, and reads the tokens again (ReloadAccess); no other node and no
  // stream is cut for it. The other options are those of the start, whatever it says. Errors:
  // InvalidArgument as CheckConfig, and those of ReloadAccess. One thread at a time, before Drain.
  virtual absl::Status Reload(const Config& config) = 0;

  // Reads the tokens again and ends the streams whose tokens are gone; the hub itself looks every
  // second whether their file has changed. On an error, which says what is wrong with the file, the
  // tokens that were read before stay in force.
  virtual absl::Status ReloadAccess() = 0;

  // Stops reading, finishes the turns, writes what is to be answered for at most config.drain_ms,
  // tells the nodes, and ends. Call once.
  virtual void Drain() = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_HUB_H_
