#include "bench/compare/session_bytes.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

const SessionFields kFields = {{"f00", ""}, {"f01", "one"}, {"f02", std::string(70'000, 'x')}};

TEST(SessionBytes, KeepTheSession) {
  const absl::StatusOr<SessionFields> decoded = DecodeSession(EncodeSession(kFields));
  ASSERT_OK(decoded);
  EXPECT_EQ(*decoded, kFields);
  EXPECT_EQ(EncodeSession(SessionFields()), "");
  EXPECT_EQ(DecodeSession("").value(), SessionFields());
}

// Those of bench/README.md: 2 + name + 4 + value for each field.
TEST(SessionBytes, AreThoseOfTheDescription) {
  EXPECT_EQ(EncodeSession({{"f00", "0123456789abcdef"}}).size(), 2 + 3 + 4 + 16);
}

TEST(SessionBytes, EveryCutIsNoticed) {
  const std::string bytes = EncodeSession({{"f00", "abc"}});
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeSession(bytes.substr(0, size)).status().code(), absl::StatusCode::kDataLoss)
        << size;
  }
}

TEST(SessionBytes, ChangesLeaveTheOtherFields) {
  SessionFields fields = {{"f00", "a"}, {"f01", "b"}};
  ApplyChanges({{"f01", "c"}, {"f02", "d"}}, &fields);
  EXPECT_EQ(fields, (SessionFields{{"f00", "a"}, {"f01", "c"}, {"f02", "d"}}));
}

TEST(SessionNews, IsToldAndHeard) {
  const absl::StatusOr<SessionNews> news =
      DecodeNews(EncodeNews({.node = 300, .created = true, .id = "id", .fields = kFields}));
  ASSERT_OK(news);
  EXPECT_EQ(news->node, 300U);
  EXPECT_TRUE(news->created);
  EXPECT_EQ(news->id, "id");
  EXPECT_EQ(news->fields, kFields);
}

TEST(SessionNews, EveryCutIsNoticed) {
  const std::string bytes =
      EncodeNews({.node = 1, .created = false, .id = "id", .fields = {{"f00", "abc"}}});
  const size_t head = 2 + 1 + 2 + 2;  // after it there may be no fields
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (size == head) continue;
    EXPECT_EQ(DecodeNews(bytes.substr(0, size)).status().code(), absl::StatusCode::kDataLoss)
        << size;
  }
}

}  // namespace
}  // namespace sessionhub::bench
