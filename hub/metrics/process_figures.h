// ProcessFigures: what this process takes of the machine.
#ifndef HUB_METRICS_PROCESS_FIGURES_H_
#define HUB_METRICS_PROCESS_FIGURES_H_

#include <cstdint>

namespace sessionhub::hub {

struct ProcessFigures {
  uint64_t resident_bytes = 0;
  double cpu_seconds = 0;  // user and system, of all threads
  uint64_t open_files = 0;
  uint64_t open_files_max = 0;
};

// From the kernel, now; what it does not tell is 0. Any thread.
ProcessFigures ReadProcessFigures();

}  // namespace sessionhub::hub

#endif  // HUB_METRICS_PROCESS_FIGURES_H_
