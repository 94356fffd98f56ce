// Heard: what one node heard of one session, and whether that is every version, once and in order.
// Pure, uses std only.
#ifndef BENCH_OVERLOAD_HEARD_H_
#define BENCH_OVERLOAD_HEARD_H_

#include <cstdint>
#include <vector>

namespace sessionhub::bench {

// Acks and changes of others come by two ways, each in its own order.
struct Heard {
  struct Step {
    uint64_t from = 0;
    uint64_t to = 0;
  };
  std::vector<uint64_t> acked;  // versions of the node's own commits, as their answers came
  std::vector<Step> changed;    // what the events said: changes of others, and steps over several
};

struct HeardFindings {
  uint64_t out_of_order = 0;  // below one that had come before by the same way
  uint64_t twice = 0;         // versions that came both as a change of others and as an own ack
  uint64_t missing = 0;       // versions in (first, last] that nothing has brought

  bool clean() const { return out_of_order == 0 && twice == 0 && missing == 0; }
};

// A step over several versions may include own ones; a step over one version is another's change.
HeardFindings CheckHeard(const Heard& heard, uint64_t first, uint64_t last);

// How many of the versions in (first, last] are in `versions` never, or more than once. Versions
// outside count too.
uint64_t CountUntiled(std::vector<uint64_t> versions, uint64_t first, uint64_t last);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_HEARD_H_
