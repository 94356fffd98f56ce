// The seed of a random test. Each case of a test draws from its own generator, made from the seed
// and the case's number, so that one failing case can be run alone:
//
//   ForEachCase(2000, [](Random& random) { ... EXPECT_EQ(...) ... });
//
// A failure, and a case that aborts the process, prints the command that runs case 204 of seed 17
// and no other: `to repeat: SESSIONHUB_SEED=17:204 build/dev/tests/x_test --gtest_filter=XTest.Y`.
#ifndef TESTS_SUPPORT_SEED_H_
#define TESTS_SUPPORT_SEED_H_

#include <cstdint>
#include <functional>
#include <random>

namespace sessionhub::testing {

using Random = std::mt19937_64;

// The seed of SESSIONHUB_SEED ("17" or "17:204"), else a fixed one, so that a plain run is
// repeatable.
uint64_t Seed();

// Runs `body` with `count` generators, and stops after the first case that fails. With a case named
// in SESSIONHUB_SEED it runs that one only.
void ForEachCase(int count, const std::function<void(Random&)>& body);

// A number in [0, below).
inline uint64_t Below(Random& random, uint64_t below) {
  return std::uniform_int_distribution<uint64_t>(0, below - 1)(random);
}
// True once in `n`.
inline bool OneIn(Random& random, uint64_t n) {
  return Below(random, n) == 0;
}

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_SEED_H_
