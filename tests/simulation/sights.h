// What a run has seen, and how often; a simulation that meets no faults proves nothing.
#ifndef TESTS_SIMULATION_SIGHTS_H_
#define TESTS_SIMULATION_SIGHTS_H_

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

namespace sessionhub::simulation {

using Sights = std::map<std::string, uint64_t>;

inline void Add(const Sights& one, Sights* all) {
  for (const auto& [what, count] : one) (*all)[what] += count;
}

inline void Print(const Sights& all) {
  for (const auto& [what, count] : all) std::printf("  %s: %lu\n", what.c_str(), count);
}

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_SIGHTS_H_
