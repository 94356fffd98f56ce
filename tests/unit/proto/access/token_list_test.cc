#include "proto/access/token_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kFirstLine[] = "{\"sessionhub_tokens\":1}\n";
// Of "abc".
constexpr char kHashOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string LineOf(const std::string& id, const std::string& rest) {
  return "{\"id\":\"" + id + "\",\"sha256\":\"" + kHashOfAbc + "\"," + rest + "}\n";
}

const char kNodeOfShop[] = R"("app":"shop","role":"node","created":1796112000)";

TEST(TokenListTest, KeepsWhatWasWritten) {
  TokenRecord node{"0123456789ab", Sha256("abc"), "shop", Role::kNode, 1, 0, ""};
  TokenRecord admin{"ffffffffffff", Sha256("def"), "*", Role::kAdmin, 2, 3, "two\nlines \"of\" Ä"};
  const auto read = ParseTokenList(FormatTokenList({node, admin}));
  ASSERT_OK(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].id, node.id);
  EXPECT_TRUE(HasSecret((*read)[0], "abc"));
  EXPECT_EQ((*read)[0].expires_s, 0u);
  EXPECT_EQ((*read)[1].app, "*");
  EXPECT_EQ((*read)[1].role, Role::kAdmin);
  EXPECT_EQ((*read)[1].created_s, 2u);
  EXPECT_EQ((*read)[1].expires_s, 3u);
  EXPECT_EQ((*read)[1].note, admin.note);
}

// Golden: files that are in use stay readable.
TEST(TokenListTest, ReadsFormat1) {
  const auto read =
      ParseTokenList(std::string(kFirstLine) +
                     LineOf("0123456789ab", R"("app":"shop","role":"node","created":1796112000,)"
                                            R"("expires":1798704000,"note":"web servers")"));
  ASSERT_OK(read);
  ASSERT_EQ(read->size(), 1u);
  EXPECT_TRUE(HasSecret(read->front(), "abc"));
  EXPECT_EQ(read->front().expires_s, 1'798'704'000u);
  EXPECT_EQ(read->front().note, "web servers");
}

TEST(TokenListTest, AFileWithoutATokenIsOneAndAnEmptyFileIsNone) {
  EXPECT_OK(ParseTokenList(kFirstLine));
  EXPECT_THAT(ParseTokenList(""), StatusIs(kInvalid, HasSubstr("empty")));
}

TEST(TokenListTest, WhatIsWrongIsNamedWithItsLine) {
  const std::string first = kFirstLine;
  const std::string good = LineOf("0123456789ab", kNodeOfShop);
  EXPECT_THAT(ParseTokenList(good), StatusIs(kInvalid, HasSubstr("line 1: the first line")));
  EXPECT_THAT(ParseTokenList("{\"sessionhub_tokens\":2}\n"),
              StatusIs(kInvalid, HasSubstr("later release")));
  EXPECT_THAT(ParseTokenList(first + good + good),
              StatusIs(kInvalid, HasSubstr("line 3: id 0123456789ab comes twice")));
  EXPECT_THAT(ParseTokenList(first + "{\"id\":"),
              StatusIs(kInvalid, HasSubstr("line 2: it is no")));
  EXPECT_THAT(ParseTokenList(first + LineOf("0123456789ab", R"("app":"shop","role":"root",)"
                                                            R"("created":1)")),
              StatusIs(kInvalid, HasSubstr("\"role\" is none of")));
  EXPECT_THAT(ParseTokenList(first + LineOf("0123456789ab", R"("app":7,"role":"node")")),
              StatusIs(kInvalid, HasSubstr("\"app\" is missing or of another type")));
  EXPECT_THAT(ParseTokenList(first + R"({"id":"0123456789ab","sha256":"zz",)" + kNodeOfShop + "}"),
              StatusIs(kInvalid, HasSubstr("sha256 has 64 digits")));
}

TEST(TokenListTest, HoldsSoManyTokensAndNoMore) {
  std::vector<TokenRecord> tokens;
  for (size_t i = 0; i < kTokensMax; ++i) {
    const std::string digits = std::to_string(i);
    tokens.push_back({std::string(12 - digits.size(), '0') + digits, Sha256(digits), "shop",
                      Role::kNode, 1, 0, ""});
  }
  EXPECT_OK(ParseTokenList(FormatTokenList(tokens)));
  tokens.push_back({"ffffffffffff", Sha256("f"), "shop", Role::kNode, 1, 0, ""});
  EXPECT_THAT(ParseTokenList(FormatTokenList(tokens)),
              StatusIs(kInvalid, HasSubstr("more than 10000 tokens")));
}

}  // namespace
}  // namespace sessionhub
