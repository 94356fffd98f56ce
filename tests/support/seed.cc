#include "tests/support/seed.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace sessionhub::testing {
namespace {

constexpr uint64_t kDefaultSeed = 20240229;

std::string SeedText() {
  const char* text = std::getenv("SESSIONHUB_SEED");
  return text ? text : "";
}

// The case that SESSIONHUB_SEED names, or -1.
int OnlyCase() {
  const std::string text = SeedText();
  const size_t colon = text.find(':');
  return colon == std::string::npos ? -1 : std::atoi(text.c_str() + colon + 1);
}

void RunCase(uint64_t seed, int number, const std::function<void(Random&)>& body) {
  SCOPED_TRACE("to repeat: SESSIONHUB_SEED=" + std::to_string(seed) + ":" + std::to_string(number));
  std::seed_seq sequence{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                         static_cast<uint32_t>(number)};
  Random random(sequence);
  body(random);
}

}  // namespace

uint64_t Seed() {
  const std::string text = SeedText();
  return text.empty() ? kDefaultSeed : std::strtoull(text.c_str(), nullptr, 10);
}

void ForEachCase(int count, const std::function<void(Random&)>& body) {
  const int only = OnlyCase();
  if (only >= 0) return RunCase(Seed(), only, body);
  for (int number = 0; number < count && !::testing::Test::HasFailure(); ++number) {
    RunCase(Seed(), number, body);
  }
}

}  // namespace sessionhub::testing
