// What Client::Connect refuses before it starts anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sessionhub/client.h"

namespace sessionhub {
namespace {

using ::testing::HasSubstr;

ClientOptions Options(std::vector<std::string> endpoints) {
  ClientOptions options;
  options.endpoints = std::move(endpoints);
  options.app = "shop";
  options.node_name = "web-1";
  return options;
}

TEST(ClientOptions, NeedAnEndpoint) {
  EXPECT_EQ(Client::Connect(Options({})).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ClientOptions, EachEndpointIsHostAndPort) {
  for (const char* wrong : {"", "localhost", "localhost:0", "localhost:65536", "http://hub:7070"}) {
    const absl::Status status = Client::Connect(Options({"127.0.0.1:7070", wrong})).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong;
    EXPECT_THAT(std::string(status.message()), HasSubstr("'" + std::string(wrong) + "'"));
  }
}

TEST(ClientOptions, LegalEndpointsNeedNoHub) {
  EXPECT_TRUE(Client::Connect(Options({"127.0.0.1:1", "unix:/nobody/listens"})).ok());
}

}  // namespace
}  // namespace sessionhub
