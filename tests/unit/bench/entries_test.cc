#include "bench/demo/entries.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

TEST(Entries, AreLengthsNamesAndValues) {
  std::string bytes;
  AppendEntry("ab", "xyz", &bytes);
  EXPECT_EQ(bytes, std::string("\0\2ab\0\0\0\3xyz", 11));
}

TEST(Entries, AreTakenAsTheyWereAppended) {
  const Entries entries = {{"a", ""}, {"", "b"}, {"a", std::string(70'000, 'x')}};
  std::string bytes;
  for (const auto& [name, value] : entries) AppendEntry(name, value, &bytes);
  Entries taken;
  ASSERT_TRUE(TakeEntries(bytes, &taken));
  EXPECT_EQ(taken, entries);
}

TEST(Entries, MustEndWithAnEntrysEnd) {
  std::string bytes;
  AppendEntry("name", "value", &bytes);
  for (size_t size = 1; size < bytes.size(); ++size) {
    Entries taken;
    EXPECT_FALSE(TakeEntries(std::string_view(bytes).substr(0, size), &taken)) << size;
  }
}

}  // namespace
}  // namespace sessionhub::bench
