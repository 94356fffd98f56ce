// Replay report: what a replay says, for people and for the file. Pure.
#ifndef BENCH_REPLAY_REPLAY_REPORT_H_
#define BENCH_REPLAY_REPLAY_REPORT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/replay/replay.h"
#include "bench/replay/replay_options.h"
#include "bench/replay/traffic_model.h"

namespace sessionhub::bench {

// What was read, and what was assumed of it; lines with ends.
std::string DescribeInput(const ReplayOptions& options, const ReplayInput& input);

// A table for each routing: forwards, messages, bytes, bytes of a request, and bytes divided by
// those of sessionhub's push; lines with ends.
std::string StrategyTables(uint64_t requests, const std::vector<TrafficModel::Sums>& sums);

// The same as figures. A strategy that cannot work under a routing has null there.
nlohmann::ordered_json ReplayJson(const ReplayOptions& options, const ReplayInput& input,
                                  const std::vector<TrafficModel::Sums>& sums);

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_REPLAY_REPORT_H_
