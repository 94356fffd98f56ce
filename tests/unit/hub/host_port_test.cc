#include "hub/host_port.h"

#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

TEST(HostPortTest, ReadsNamesAndAddresses) {
  const auto named = ParseHostPort("hub.example:7070");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->host, "hub.example");
  EXPECT_EQ(named->port, 7070);
  for (const char* text : {"[::1]:65535", "::1:65535"}) {
    const auto bracketed = ParseHostPort(text);
    ASSERT_TRUE(bracketed) << text;
    EXPECT_EQ(bracketed->host, "::1");
    EXPECT_EQ(bracketed->port, 65535);
  }
  EXPECT_EQ(ParseHostPort("127.0.0.1:0")->port, 0);
}

TEST(HostPortTest, WhatLacksAPartIsNone) {
  for (const char* text :
       {"", ":", "7070", ":7070", "[]:7070", "localhost", "localhost:", "localhost:65536",
        "localhost:-1", "localhost: 1", "localhost:1 ", "localhost:1x", "[::1]"}) {
    EXPECT_FALSE(ParseHostPort(text)) << text;
  }
}

}  // namespace
}  // namespace sessionhub::hub
