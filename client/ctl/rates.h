// Rates: what a hub did between two of its answers. Pure.
#ifndef CLIENT_CTL_RATES_H_
#define CLIENT_CTL_RATES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "sessionhub/v1/admin.pb.h"

namespace sessionhub::ctl {

// What a hub has told of itself at one time.
struct HubSample {
  v1::GetStatusResponse status;
  v1::ListNodesResponse nodes;
};

struct NodeRate {
  v1::Node node;  // as of the later sample
  double forwards_per_s = 0;
};

// Of the time between two samples, by the hub's clock.
struct Rates {
  double deltas_received_per_s = 0;
  double forwards_per_s = 0;
  double bytes_in_per_s = 0;
  double bytes_out_per_s = 0;
  double broadcast_bytes_per_s = 0;     // what a broadcast of whole sessions would have sent
  std::optional<double> saved_percent;  // as savings.h's, of this time
  std::vector<NodeRate> nodes;          // the busiest first, then by app and name
};

// Nothing if the hub was started anew in between, or no time has passed: there is nothing to
// compare.
std::optional<Rates> RatesBetween(const HubSample& before, const HubSample& after);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_RATES_H_
