// Who writes and who holds which session in a load.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "bench/load/load.h"

namespace sessionhub::bench {
namespace {

struct Counts {
  std::map<std::string, size_t> writers, holders;
};

Counts CountAll(const LoadOptions& options) {
  Counts counts;
  for (size_t node = 0; node < options.nodes; ++node) {
    const Shares shares = SharesOf(options, node);
    for (const std::string& id : shares.written) {
      ++counts.writers[id];
      ++counts.holders[id];
    }
    for (const std::string& id : shares.read) ++counts.holders[id];
  }
  return counts;
}

TEST(LoadSharesTest, StickyHasOneWriterAndAsManyHoldersAsWereAskedFor) {
  LoadOptions options;
  options.nodes = 5;
  options.sessions = 23;
  options.fan_out = 3;
  const Counts counts = CountAll(options);
  EXPECT_EQ(counts.writers.size(), options.sessions);
  for (const auto& [id, count] : counts.writers) EXPECT_EQ(count, 1u) << id;
  for (const auto& [id, count] : counts.holders) EXPECT_EQ(count, 3u) << id;
}

TEST(LoadSharesTest, ThereAreNoMoreHoldersThanNodes) {
  LoadOptions options;
  options.nodes = 2;
  options.sessions = 4;
  options.fan_out = 9;
  for (const auto& [id, count] : CountAll(options).holders) EXPECT_EQ(count, 2u) << id;
}

TEST(LoadSharesTest, RoundRobinHasAllNodesWriteAll) {
  LoadOptions options;
  options.nodes = 3;
  options.sessions = 7;
  options.round_robin = true;
  for (const auto& [id, count] : CountAll(options).writers) EXPECT_EQ(count, 3u) << id;
}

}  // namespace
}  // namespace sessionhub::bench
