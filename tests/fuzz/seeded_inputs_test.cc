// Runs a fuzz target on seeded inputs, so that the targets are built and run by every build: random
// bytes, and golden bytes with a few of them changed. The fuzzer itself is the preset `fuzz`.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/generators.h"
#include "tests/support/seed.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sessionhub::testing {
namespace {

std::string ReadHex(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string bytes;
  for (std::string line; std::getline(file, line);) {
    for (size_t i = 0; line[0] != '#' && i + 1 < line.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
  }
  return bytes;
}

std::vector<std::string> GoldenBytes() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(SESSIONHUB_GOLDEN_DIR)) {
    all.push_back(ReadHex(entry.path()));
  }
  return all;
}

void Change(Random& random, std::string* bytes) {
  for (uint64_t count = Below(random, 4); count > 0 && !bytes->empty(); --count) {
    const size_t at = Below(random, bytes->size());
    if (OneIn(random, 4)) {
      bytes->erase(at, 1);
    } else {
      (*bytes)[at] = static_cast<char>(random());
    }
  }
}

// Named after the target: each is a program of its own.
TEST(SeededInputs, SESSIONHUB_FUZZ_TARGET) {
  const std::vector<std::string> golden = GoldenBytes();
  ASSERT_FALSE(golden.empty());
  ForEachCase(20000, [&golden](Random& random) {
    std::string bytes =
        OneIn(random, 4) ? RandomBytes(random, 64) : golden[Below(random, golden.size())];
    Change(random, &bytes);
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()),
              0);
  });
}

}  // namespace
}  // namespace sessionhub::testing
