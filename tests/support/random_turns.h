// Random turns over a few sessions, so that they meet: what one puts, the next replaces or erases.
#ifndef TESTS_SUPPORT_RANDOM_TURNS_H_
#define TESTS_SUPPORT_RANDOM_TURNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/record/turn_record.h"
#include "hub/store/store.h"
#include "tests/support/seed.h"

namespace sessionhub::testing {

// The n-th turn (1: the first) of a store. Its hub time is its number, so that a store tells how
// many of its turns it holds. Some are larger than a block of RocksDB's log.
hub::TurnRecord RandomTurn(Random& random, uint64_t number);

// Everything that a store holds of such turns, in one order.
absl::StatusOr<std::string> DumpOfTurns(const hub::Store& store);

// The same of a store that holds the first `count` of `turns`.
std::string DumpOfFirst(const std::vector<hub::TurnRecord>& turns, uint64_t count);

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_RANDOM_TURNS_H_
