// Top: what a hub does just now, and its busiest nodes, again and again.
#ifndef CLIENT_CTL_TOP_H_
#define CLIENT_CTL_TOP_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/ctl/admin_client.h"
#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"
#include "client/ctl/json_report.h"
#include "client/ctl/rates.h"

namespace sessionhub::ctl {

// Looks every line.interval, line.count times (0: until nobody reads any more), and prints what has
// happened since the look before: redrawn on a screen, else a block, or a line of JSON. A hub that
// is gone is waited for, and said so; only if it does not answer the first time is that an error.
absl::Status WatchTop(const CommandLine& line, AdminClient& hub, Terminal& terminal);

// What is printed. `rates` of nothing: the hub was started anew since the look before. A table has
// at most `rows` lines (0: as many as it takes); the idlest nodes are left out, and counted.
std::string TopText(const HubSample& sample, const std::optional<Rates>& rates, size_t rows);
Json TopJson(const HubSample& sample, const std::optional<Rates>& rates);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_TOP_H_
