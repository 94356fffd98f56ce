#include "hub/gateway/token_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/access.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;

class TokenBookTest : public ::testing::Test {
 protected:
  void Open() {
    auto book = TokenBook::Open(file_.path(), [this] { return now_s_; });
    ASSERT_OK(book);
    book_ = *std::move(book);
  }
  absl::StatusOr<Caller> Find(const std::string& token) const {
    return book_->Find(*ParseToken(token));
  }

  uint64_t now_s_ = 100;
  testing::TokensFile file_;
  std::unique_ptr<TokenBook> book_;
};

TEST_F(TokenBookTest, FindsWhoseTokenItIs) {
  const std::string token = file_.Add(Role::kReader, "shop");
  Open();
  const auto caller = Find(token);
  ASSERT_OK(caller);
  EXPECT_EQ(caller->token_id, ParseToken(token)->id);
  EXPECT_EQ(caller->role, Role::kReader);
  EXPECT_EQ(caller->app, "shop");
  EXPECT_OK(book_->Check(*caller));
}

TEST_F(TokenBookTest, RefusesWithoutShowingTheSecret) {
  const std::string token = file_.Add(Role::kNode, "shop");
  Open();
  TokenText wrong = *ParseToken(token);
  wrong.secret = std::string(64, 'a');
  EXPECT_THAT(book_->Find(wrong), StatusIs(kUnauthenticated, AllOf(HasSubstr("is not right"),
                                                                   Not(HasSubstr(wrong.secret)))));
  wrong.id = "ffffffffffff";
  EXPECT_THAT(book_->Find(wrong), StatusIs(kUnauthenticated, HasSubstr("is not known here")));
}

TEST_F(TokenBookTest, ATokenEndsAtItsSecond) {
  const std::string token = file_.Add(Role::kNode, "shop", 101);
  Open();
  const auto caller = Find(token);
  ASSERT_OK(caller);
  now_s_ = 101;
  EXPECT_THAT(Find(token), StatusIs(kUnauthenticated, HasSubstr("has expired")));
  EXPECT_THAT(book_->Check(*caller), StatusIs(kUnauthenticated, HasSubstr("has expired")));
}

TEST_F(TokenBookTest, AFileThatHasChangedIsReadAgain) {
  const std::string token = file_.Add(Role::kNode, "shop");
  Open();
  const auto caller = Find(token);
  ASSERT_OK(caller);
  EXPECT_FALSE(*book_->ReloadIfChanged());
  file_.Revoke(token);
  EXPECT_TRUE(*book_->ReloadIfChanged());
  EXPECT_THAT(book_->Check(*caller), StatusIs(kUnauthenticated, HasSubstr("was revoked")));
  file_.Restore(token);
  EXPECT_TRUE(*book_->ReloadIfChanged());
  EXPECT_OK(book_->Check(*caller));
}

TEST_F(TokenBookTest, WhatIsWrongIsToldOnceAndChangesNothing) {
  const std::string token = file_.Add(Role::kNode, "shop");
  Open();
  file_.WriteText("{");
  EXPECT_THAT(book_->ReloadIfChanged(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("line 1")));
  EXPECT_FALSE(*book_->ReloadIfChanged());
  EXPECT_OK(Find(token));
  std::filesystem::remove(file_.path());
  EXPECT_THAT(book_->ReloadIfChanged(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(file_.path())));
  EXPECT_FALSE(*book_->ReloadIfChanged());
  EXPECT_OK(Find(token));
  file_.Write();
  EXPECT_TRUE(*book_->ReloadIfChanged());
}

TEST_F(TokenBookTest, AFileThatOthersMayWriteOrEverybodyMayReadIsRefused) {
  file_.Add(Role::kNode, "shop");
  for (const mode_t mode : {0604u, 0620u, 0660u, 0644u}) {
    ASSERT_EQ(chmod(file_.path().c_str(), mode), 0);
    EXPECT_THAT(TokenBook::Open(file_.path(), [] { return 0; }),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")));
  }
  // Of a Kubernetes secret, the group of the pod may read.
  for (const mode_t mode : {0400u, 0440u, 0640u}) {
    ASSERT_EQ(chmod(file_.path().c_str(), mode), 0);
    EXPECT_OK(TokenBook::Open(file_.path(), [] { return 0; }));
  }
}

}  // namespace
}  // namespace sessionhub::hub
