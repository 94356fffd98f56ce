// What the system allows this process: open files and memory.
#ifndef HUB_PROCESS_LIMITS_H_
#define HUB_PROCESS_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"

namespace sessionhub::hub {

// Files that a hub opens itself, besides its connections: logs, timers, threads' wake-ups.
inline constexpr uint64_t kOwnDescriptors = 64;
// Of its store: RocksStoreOptions::open_files_max, and what logs, a compaction and a manifest need.
inline constexpr uint64_t kStoreDescriptors = 512 + 64;
// A hub that could take fewer connections does not start.
inline constexpr uint64_t kConnectionsMin = 64;

// How many files this process may open (RLIMIT_NOFILE, the soft limit).
uint64_t DescriptorsMax();

// Sets that to as many as it may be set to. Returns how many.
uint64_t RaiseDescriptorsMax();

// ResourceExhausted, naming the limit and how to raise it, if the process may open fewer files than
// `kept` and kConnectionsMin.
absl::Status CheckDescriptors(uint64_t kept);

// From now on `new` that finds no memory, and an abort or a fault where there is none, say so on
// standard error and end the process with EXIT_FAILURE: the turn that it was in is settled by the
// next start, like that of a crash. Call once.
void StopWithoutMemory();

// Lets threads take memory from as many heaps as there are processors, not eight times as many:
// what one frees in its heap, others cannot use. Call before there are threads. Nothing happens
// where the C library has no such setting.
void ShareHeaps();

}  // namespace sessionhub::hub

#endif  // HUB_PROCESS_LIMITS_H_
