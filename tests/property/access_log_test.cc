// A log's line is read as it was written, whatever is in it; and no bytes harm who reads them.
#include "bench/replay/access_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::Below;
using ::sessionhub::testing::ForEachCase;
using ::sessionhub::testing::OneIn;
using ::sessionhub::testing::Random;

std::string RandomBytes(Random& random, size_t bytes_max, char first, char last) {
  std::string bytes(Below(random, bytes_max + 1), '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(first + static_cast<char>(Below(random, last - first + 1)));
  }
  return bytes;
}

// As Apache does it: quotes and backslashes by a backslash, what is not printable as \xHH.
std::string Quoted(const std::string& text) {
  constexpr std::array<char, 17> kHex = {"0123456789abcdef"};
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += std::string("\\") + c;
    } else if (c < ' ' || c > '~') {
      const auto byte = static_cast<uint8_t>(c);
      quoted += std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// Any bytes but NUL's place in a log: quoted fields hold what a client has sent.
std::string AnyText(Random& random) {
  std::string text = RandomBytes(random, 40, '\x01', '\x7e');
  if (OneIn(random, 4)) text += "\xff\"\\";
  return text;
}

TEST(AccessLogProperty, WhatAServerWritesIsReadAsItWas) {
  ForEachCase(2'000, [](Random& random) {
    const std::string client = "h" + RandomBytes(random, 30, '!', '~');
    const std::string path = "/" + RandomBytes(random, 30, '0', 'z');
    const std::string agent = AnyText(random), cookie = AnyText(random);
    const std::string line = client + " - - [01/Jan/1970:00:01:05 +0000] " +
                             Quoted("GET " + path + " HTTP/1.1") + " 200 7 " +
                             Quoted(AnyText(random)) + " " + Quoted(agent) + " " + Quoted(cookie);
    const absl::StatusOr<LogEntry> entry = ParseLogLine(line);
    ASSERT_OK(entry) << line;
    EXPECT_EQ(entry->client, client);
    EXPECT_EQ(entry->time_s, 65);
    EXPECT_EQ(entry->method, "GET");
    EXPECT_EQ(entry->path, path.substr(0, path.find('?')));
    EXPECT_EQ(entry->agent, agent == "-" ? "" : agent);
    EXPECT_THAT(entry->further, ::testing::ElementsAre(cookie));
  });
}

// Nobody can say what is right here, but that it is one or the other, and that sanitizers are
// silent.
TEST(AccessLogProperty, GarbageIsReadOrRefused) {
  const std::string good =
      R"(h - - [01/Jan/1970:00:00:00 +0000] "GET / HTTP/1.1" 200 7 "-" "a\"\x41" "id=7; b=1")";
  ForEachCase(20'000, [&good](Random& random) {
    std::string line = OneIn(random, 3) ? RandomBytes(random, 200, '\0', '\x7f') : good;
    for (uint64_t changes = Below(random, 6); changes > 0 && !line.empty(); --changes) {
      const size_t at = Below(random, line.size());
      switch (Below(random, 4)) {
        case 0:
          line[at] = static_cast<char>(Below(random, 256));
          break;
        case 1:
          line.erase(at, 1 + Below(random, 5));
          break;
        case 2:
          line.insert(at, 1, R"("\[] -)"[Below(random, 6)]);
          break;
        default:
          line.resize(at);
      }
    }
    const absl::StatusOr<LogEntry> entry = ParseLogLine(line);
    if (!entry.ok()) {
      EXPECT_FALSE(entry.status().message().empty());
      return;
    }
    EXPECT_FALSE(entry->client.empty());
    EXPECT_FALSE(entry->method.empty());
    for (const std::string& field : entry->further)
      EXPECT_LE(CookieIn(field, "id").size(), field.size());
  });
}

}  // namespace
}  // namespace sessionhub::bench
