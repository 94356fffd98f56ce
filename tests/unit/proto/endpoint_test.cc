#include "proto/session/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sessionhub {
namespace {

TEST(Endpoint, HostAndPortOrAUnixSocket) {
  for (const char* endpoint :
       {"127.0.0.1:7070", "localhost:1", "hub-1.example_net:65535", "[::1]:7070",
        "[fe80::1%eth0]:7070", "unix:/run/hub.sock", "unix:///run/hub.sock"}) {
    EXPECT_TRUE(CheckEndpoint(endpoint).ok()) << endpoint;
  }
}

TEST(Endpoint, WhatIsNeitherIsRefusedByName) {
  for (const char* endpoint : {"",
                               ":",
                               "localhost",
                               "localhost:",
                               ":7070",
                               "localhost:0",
                               "localhost:65536",
                               "localhost:-1",
                               "localhost:+1",
                               "localhost: 1",
                               "localhost:1 ",
                               "localhost:7070x",
                               "localhost:http",
                               "http://localhost:7070",
                               "local host:7070",
                               "::1:7070",
                               "[]:7070",
                               "[::1]",
                               "[::1:7070",
                               "a,b:7070",
                               "unix:",
                               "unix:/",
                               "unix:hub.sock"}) {
    const absl::Status status = CheckEndpoint(endpoint);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << endpoint;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("'" + std::string(endpoint)));
  }
}

TEST(Endpoint, IsBounded) {
  const std::string port = ":7070";
  EXPECT_TRUE(CheckEndpoint(std::string(512 - port.size(), 'a') + port).ok());
  EXPECT_FALSE(CheckEndpoint(std::string(513 - port.size(), 'a') + port).ok());
}

}  // namespace
}  // namespace sessionhub
