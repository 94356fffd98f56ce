// SizePlan: what a hub and its nodes need, reckoned from how many sessions, nodes and changes there
// are. Pure. docs/sizing.md has the formulas in words.
#ifndef BENCH_SIZING_SIZE_PLAN_H_
#define BENCH_SIZING_SIZE_PLAN_H_

#include <array>
#include <string>

#include "hub/config.h"
#include "hub/store/rocks_store.h"

namespace sessionhub::bench {

struct SizeQuestion {
  double sessions = 100'000;
  double session_bytes = 4'096;  // of values, in each
  double session_fields = 20;
  double nodes = 4;
  double changes_per_s = 100;  // of all nodes together
  double fan_out = 1;          // nodes that have each session open, its writer among them
  double value_bytes = 16;     // that a change sets
  bool tls = false;
  double backups_kept = 14;
  double block_cache_bytes = static_cast<double>(hub::Config().block_cache_bytes);
  double log_bytes_max = static_cast<double>(hub::RocksStoreOptions().wal_bytes_max);
  double outbox_bytes_max = static_cast<double>(hub::Config().outbox_bytes_max);
};

struct SizePlan {
  double hub_memory_bytes = 0;
  double outboxes_bytes_max = 0;  // beside that, if no node reads
  double node_memory_bytes = 0;   // of each
  double disk_bytes = 0;
  double backups_bytes_max = 0;  // if nothing of one is still there for the next
  double disk_written_bytes_per_s = 0;
  double hub_cores = 0;
  double nodes_cores = 0;        // of all together
  double wire_bytes_per_s = 0;   // between the hub and all nodes, both directions
  double wire_change_bytes = 0;  // of it, for each change with its copies
};

// Of values that no compression makes smaller, once the log and the cache are full.
SizePlan PlanFor(const SizeQuestion& question);

// A part of a plan that a run can measure.
struct SizeResource {
  const char* name;  // the unit last
  double SizePlan::*planned;
};
inline constexpr std::array kSizeResources = {
    SizeResource{"hub_memory_bytes", &SizePlan::hub_memory_bytes},
    SizeResource{"node_memory_bytes", &SizePlan::node_memory_bytes},
    SizeResource{"disk_bytes", &SizePlan::disk_bytes},
    SizeResource{"disk_written_bytes_per_s", &SizePlan::disk_written_bytes_per_s},
    SizeResource{"hub_cores", &SizePlan::hub_cores},
    SizeResource{"nodes_cores", &SizePlan::nodes_cores},
    SizeResource{"wire_bytes_per_s", &SizePlan::wire_bytes_per_s},
};

// The table of all constants, as docs/sizing.md has it.
std::string SizeConstantsTable();

}  // namespace sessionhub::bench

#endif  // BENCH_SIZING_SIZE_PLAN_H_
