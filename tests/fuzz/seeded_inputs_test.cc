// Runs a fuzz target on its corpus and on seeded inputs, so that the targets are built and run by
// every build: random bytes, and known ones with a few of them changed. The fuzzer itself is the
// preset `fuzz`.
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

// The bytes of each line; lines with # are comments.
std::vector<std::string> ReadHexLines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::string& bytes = lines.emplace_back();
    for (size_t i = 0; i + 1 < line.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
  }
  return lines;
}

std::vector<std::string> KnownInputs() {
  std::vector<std::string> all = ReadHexLines(SESSIONHUB_CORPUS);
  EXPECT_FALSE(all.empty()) << SESSIONHUB_CORPUS;
  for (const auto& entry : std::filesystem::directory_iterator(SESSIONHUB_GOLDEN_DIR)) {
    std::string& bytes = all.emplace_back();
    for (const std::string& line : ReadHexLines(entry.path())) bytes += line;
  }
  return all;
}

int Try(const std::string& bytes) {
  return LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
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
  const std::vector<std::string> known = KnownInputs();
  for (const std::string& bytes : known) EXPECT_EQ(Try(bytes), 0);
  ForEachCase(20000, [&known](Random& random) {
    std::string bytes =
        OneIn(random, 4) ? RandomBytes(random, 64) : known[Below(random, known.size())];
    Change(random, &bytes);
    EXPECT_EQ(Try(bytes), 0);
  });
}

}  // namespace
}  // namespace sessionhub::testing
