// Tally: what a campaign has seen so far: the faults that count, sort by sort, and what is still
// missing.
#ifndef BENCH_CRASH_TALLY_H_
#define BENCH_CRASH_TALLY_H_

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/crash/fault.h"
#include "bench/demo/report.h"

namespace sessionhub::bench {

class Tally {
 public:
  Tally(FaultCounts wanted, size_t unacked_min)
      : missing_(std::move(wanted)), unacked_min_(unacked_min) {}

  // A kill counts if enough commits were in flight, some of them of the node that was killed.
  void Add(const FaultDone& done, const std::vector<NodeLog>& logs);

  const FaultCounts& missing() const { return missing_; }
  size_t too_few() const { return too_few_; }

  void Say(const Report& report) const;
  void Write(Report* report) const;

 private:
  struct Kills {
    std::vector<size_t> unacked;
    std::vector<double> first_ack_ms;
  };

  static nlohmann::ordered_json Describe(const std::vector<double>& ms);
  static nlohmann::ordered_json Describe(const Kills& kills);
  Kills AllOfHub() const;

  FaultCounts missing_;
  const size_t unacked_min_;
  std::map<std::string, Kills> hub_kills_;   // by phase
  std::map<std::string, size_t> at_points_;  // kills, by the name of the fail point
  Kills node_kills_;
  Kills hub_stops_;
  size_t node_stops_ = 0;
  size_t too_few_ = 0;  // kills that came about and do not count
};

}  // namespace sessionhub::bench

#endif  // BENCH_CRASH_TALLY_H_
