#include "bench/limits/redis_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "bench/limits/redis_link.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

TEST(RedisServer, IsFoundInTheFirstFolderThatHasIt) {
  const testing::TemporaryFolder folder;
  const std::string program = folder.path() + "/redis-server";
  EXPECT_EQ(RedisServer::FindProgram(""), "");
  EXPECT_EQ(RedisServer::FindProgram(folder.path()), "");
  std::ofstream(program) << "#!/bin/sh\n";
  EXPECT_EQ(RedisServer::FindProgram(folder.path()), "") << "it cannot be run";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  EXPECT_EQ(RedisServer::FindProgram("/nowhere::" + folder.path() + ":/bin"), program);
}

TEST(RedisLink, ToNobodyIsUnavailable) {
  EXPECT_EQ(RedisLink::Connect(0).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace sessionhub::bench
