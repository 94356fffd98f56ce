// Savings: how much less a hub has sent than a broadcast of whole sessions would have. Pure.
#ifndef CLIENT_CTL_SAVINGS_H_
#define CLIENT_CTL_SAVINGS_H_

#include <optional>
#include <string>

#include "sessionhub/v1/admin.pb.h"

namespace sessionhub::ctl {

// Of the broadcast's bytes, the share that the hub did not send in forwards and catch-ups, in per
// cent with one decimal; below 0 if it has sent more. Nothing if nothing would have been broadcast.
std::optional<double> SavedPercent(const v1::Counters& counters);

// The same, "-" for nothing.
std::string SavedPercentText(const v1::Counters& counters);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_SAVINGS_H_
