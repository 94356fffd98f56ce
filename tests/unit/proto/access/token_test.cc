#include "proto/access/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "proto/session/ids.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kIdHex[] = "0102030405ff";

TokenText SomeToken() {
  std::array<uint8_t, 32> secret{};
  secret.fill(0xab);
  return MakeToken({1, 2, 3, 4, 5, 0xff}, secret);
}

TokenRecord RecordOfSomeToken() {
  TokenRecord record;
  record.id = kIdHex;
  record.secret_sha256 = Sha256(SomeToken().secret);
  record.app = "shop";
  return record;
}

TEST(TokenTest, TheTextHasIdAndSecret) {
  const std::string text = SomeToken().ToText();
  std::string secret;
  for (int i = 0; i < 32; ++i) secret += "ab";
  EXPECT_EQ(text, "shub_" + std::string(kIdHex) + "_" + secret);
  const auto parsed = ParseToken(text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->id, kIdHex);
  EXPECT_EQ(parsed->secret, secret);
}

TEST(TokenTest, WhatIsNoTokenIsNone) {
  const std::string text = SomeToken().ToText();
  EXPECT_FALSE(ParseToken(""));
  EXPECT_FALSE(ParseToken("shub_"));
  EXPECT_FALSE(ParseToken(text.substr(1)));
  EXPECT_FALSE(ParseToken(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(ParseToken(text + "a"));
  EXPECT_FALSE(ParseToken(text + " "));
  std::string upper = text;
  upper.back() = 'B';
  EXPECT_FALSE(ParseToken(upper));
  std::string joined = text;
  joined[17] = '0';
  EXPECT_FALSE(ParseToken(joined));
}

// FIPS 180-2, appendix B.1.
TEST(TokenTest, Sha256IsThatOfTheStandard) {
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(TokenTest, OnlyItsOwnSecretFits) {
  const TokenRecord record = RecordOfSomeToken();
  std::string secret = SomeToken().secret;
  EXPECT_TRUE(HasSecret(record, secret));
  for (char& digit : secret) {
    const char kept = digit;
    digit = '0';
    EXPECT_FALSE(HasSecret(record, secret));
    digit = kept;
  }
  EXPECT_FALSE(HasSecret(record, ""));
  EXPECT_FALSE(HasSecret(TokenRecord(), secret));
}

TEST(TokenTest, RolesHaveNames) {
  for (const Role role : {Role::kNode, Role::kReader, Role::kAdmin}) {
    EXPECT_EQ(RoleFromName(RoleName(role)), role);
  }
  EXPECT_FALSE(RoleFromName("root"));
}

TEST(TokenTest, ExpiresAtItsSecond) {
  TokenRecord record = RecordOfSomeToken();
  EXPECT_FALSE(IsExpired(record, UINT64_MAX));
  record.expires_s = 100;
  EXPECT_FALSE(IsExpired(record, 99));
  EXPECT_TRUE(IsExpired(record, 100));
}

TEST(TokenTest, ARecordIsChecked) {
  TokenRecord record = RecordOfSomeToken();
  EXPECT_OK(CheckTokenRecord(record));
  record.note = std::string(kTokenNoteBytesMax, 'n');
  EXPECT_OK(CheckTokenRecord(record));
  record.note += 'n';
  EXPECT_THAT(CheckTokenRecord(record), StatusIs(kInvalid, HasSubstr("257 bytes, over 256")));
  record = RecordOfSomeToken();
  record.app = "a shop";
  EXPECT_THAT(CheckTokenRecord(record), StatusIs(kInvalid, HasSubstr("app")));
  record.app = kEveryApp;
  EXPECT_THAT(CheckTokenRecord(record), StatusIs(kInvalid, HasSubstr("names its app")));
  record.role = Role::kReader;
  EXPECT_OK(CheckTokenRecord(record));
  record.id = "0102030405f";
  EXPECT_THAT(CheckTokenRecord(record), StatusIs(kInvalid, HasSubstr("12 digits")));
}

}  // namespace
}  // namespace sessionhub
