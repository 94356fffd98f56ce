// Programs: where an installed one is, and where it may listen.
#ifndef BENCH_LIMITS_PROGRAMS_H_
#define BENCH_LIMITS_PROGRAMS_H_

#include <string>

namespace sessionhub::bench {

inline constexpr char kLoopback[] = "127.0.0.1";

// Its path; empty if it is in none of the folders of `path`, which are separated by colons as in
// the variable PATH.
std::string FindProgramIn(const std::string& name, const std::string& path);

// A port of the loopback address that nobody has now; 0 if there is none.
int FindFreePort();

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_PROGRAMS_H_
