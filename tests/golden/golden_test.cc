// Compares what this code writes with the files in data/, and reads the files again.
//
// With SESSIONHUB_GOLDEN_UPDATE=1 the files are written anew. Then look at the difference: a new
// file is a new case, a changed file means that peers and data folders of yesterday are not
// understood.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/session/ids.h"
#include "tests/golden/golden_case.h"

namespace sessionhub::testing {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBytesPerLine = 32;

fs::path DataDir() {
  return SESSIONHUB_GOLDEN_DIR;
}

fs::path FileOf(const GoldenCase& golden) {
  return DataDir() / (golden.name + ".hex");
}

bool IsUpdate() {
  const char* update = std::getenv("SESSIONHUB_GOLDEN_UPDATE");
  return update != nullptr && std::string(update) == "1";
}

void WriteFile(const GoldenCase& golden) {
  std::ofstream file(FileOf(golden));
  file << "# " << golden.comment << "\n";
  for (size_t at = 0; at < golden.bytes.size(); at += kBytesPerLine) {
    file << ToHex(golden.bytes.substr(at, kBytesPerLine)) << "\n";
  }
}

// The bytes of a file of hexadecimal lines and comments, or nothing if it cannot be read as that.
std::optional<std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::string digits;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] != '#') digits += line;
  }
  if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return std::nullopt;
  }
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<GoldenCase> AllCases() {
  std::vector<GoldenCase> all;
  for (auto* cases : {NodeFrameCases, HubFrameCases, StoredRecordCases, EncodingCases}) {
    for (GoldenCase& golden : cases()) all.push_back(std::move(golden));
  }
  return all;
}

class GoldenTest : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenTest, BytesAreWrittenAsTheyAlwaysWere) {
  if (IsUpdate()) WriteFile(GetParam());
  const std::optional<std::string> bytes = ReadFile(FileOf(GetParam()));
  ASSERT_TRUE(bytes.has_value()) << FileOf(GetParam())
                                 << " is missing or is not hexadecimal. If this case is new, write "
                                    "its file with SESSIONHUB_GOLDEN_UPDATE=1.";
  EXPECT_EQ(ToHex(GetParam().bytes), ToHex(*bytes))
      << "The bytes of " << GetParam().name << " (" << GetParam().comment
      << ") have changed: nodes, hubs and data folders of before do not understand them. If that "
         "is "
         "right, write the files anew with SESSIONHUB_GOLDEN_UPDATE=1.";
}

TEST_P(GoldenTest, OldBytesAreStillUnderstood) {
  const std::optional<std::string> bytes = ReadFile(FileOf(GetParam()));
  ASSERT_TRUE(bytes.has_value()) << FileOf(GetParam());
  EXPECT_TRUE(GetParam().reads_back(*bytes)) << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& test) { return test.param.name; });

TEST(GoldenFilesTest, EveryFileHasItsCase) {
  std::set<std::string> names;
  for (const GoldenCase& golden : AllCases()) {
    EXPECT_TRUE(names.insert(golden.name + ".hex").second) << golden.name << " is there twice";
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(DataDir())) {
    EXPECT_TRUE(names.contains(entry.path().filename().string())) << entry.path();
  }
}

}  // namespace
}  // namespace sessionhub::testing
