// Hub: builds the parts of a hub, starts them and stops them in order. No logic of its own.
#ifndef HUB_HUB_H_
#define HUB_HUB_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/config.h"

namespace sessionhub::hub {

class Hub {
 public:
  // Opens the data folder and starts to serve. Errors are those of RocksStore::Open,
  // InvalidArgument for an address that may not be served, Unavailable for one that cannot be
  // bound.
  static absl::StatusOr<std::unique_ptr<Hub>> Start(const Config& config);

  virtual ~Hub() = default;

  // The port it listens on.
  virtual int port() const = 0;

  // Blocks of the store that were read from files since it was opened.
  virtual uint64_t blocks_read() const = 0;

  // Stops reading, finishes the turns, writes what is to be answered for at most config.drain_ms,
  // tells the nodes, and ends. Call once.
  virtual void Drain() = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_HUB_H_
