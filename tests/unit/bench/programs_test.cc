#include "bench/limits/programs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

TEST(FindProgram, FindsTheFirstThatCanBeRun) {
  const testing::TemporaryFolder folder;
  const std::string program = folder.path() + "/redis-server";
  EXPECT_EQ(FindProgramIn("redis-server", ""), "");
  EXPECT_EQ(FindProgramIn("redis-server", folder.path()), "");
  std::ofstream(program) << "#!/bin/sh\n";
  EXPECT_EQ(FindProgramIn("redis-server", folder.path()), "") << "it cannot be run";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  EXPECT_EQ(FindProgramIn("redis-server", "/nowhere::" + folder.path() + ":/bin"), program);
}

TEST(FindFreePort, FindsOne) {
  EXPECT_GT(FindFreePort(), 0);
}

}  // namespace
}  // namespace sessionhub::bench
