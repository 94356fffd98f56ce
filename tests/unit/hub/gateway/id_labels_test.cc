#include "hub/gateway/id_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

const IdLabels& SomeLabels() {
  static const IdLabels kLabels(std::string(32, 'k'));
  return kLabels;
}

TEST(IdLabelsTest, ShowsTheBeginning) {
  EXPECT_EQ(IdLabels::Shown("0123456789"), "012345");
  EXPECT_EQ(IdLabels::Shown("01"), "01");
}

TEST(IdLabelsTest, AHashIsThatOfAnAppAndAnIdUnderAKey) {
  const std::string hash = SomeLabels().Hash("shop", "0123456789");
  EXPECT_EQ(hash.size(), kIdHashDigits);
  EXPECT_EQ(SomeLabels().Hash("shop", "0123456789"), hash);
  EXPECT_NE(SomeLabels().Hash("shop", "0123456788"), hash);
  EXPECT_NE(SomeLabels().Hash("bank", "0123456789"), hash);
  EXPECT_NE(SomeLabels().Hash("shop0", "123456789"), hash);
  EXPECT_NE(IdLabels(std::string(32, 'l')).Hash("shop", "0123456789"), hash);
}

TEST(IdLabelsTest, TheKeyIsKept) {
  const testing::TemporaryFolder folder;
  const auto first = IdLabels::Open(folder.path());
  ASSERT_OK(first);
  const auto second = IdLabels::Open(folder.path());
  ASSERT_OK(second);
  EXPECT_EQ(first->Hash("shop", "id"), second->Hash("shop", "id"));
  struct stat found {};
  ASSERT_EQ(stat((folder.path() + "/id-hash-key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  const testing::TemporaryFolder other_folder;
  const auto other = IdLabels::Open(other_folder.path());
  ASSERT_OK(other);
  EXPECT_NE(first->Hash("shop", "id"), other->Hash("shop", "id"));
}

TEST(IdLabelsTest, AStartThatWasBrokenOffIsMadeGood) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() + "/id-hash-key.new") << "half";
  EXPECT_OK(IdLabels::Open(folder.path()));
}

TEST(IdLabelsTest, AKeyThatOthersMayReadOrThatIsDamagedIsRefused) {
  const testing::TemporaryFolder folder;
  ASSERT_OK(IdLabels::Open(folder.path()));
  const std::string file = folder.path() + "/id-hash-key";
  ASSERT_EQ(chmod(file.c_str(), 0640), 0);
  EXPECT_THAT(IdLabels::Open(folder.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")));
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  std::filesystem::resize_file(file, 31);
  EXPECT_THAT(IdLabels::Open(folder.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("damaged")));
}

TEST(IdLabelsTest, WhatIsSealedComesBackInItsContextOnly) {
  const auto sealed = SomeLabels().Seal("Ssecret-session-id", "shop");
  ASSERT_OK(sealed);
  EXPECT_THAT(*sealed, Not(HasSubstr("session")));
  EXPECT_EQ(*SomeLabels().Unseal(*sealed, "shop"), "Ssecret-session-id");
  EXPECT_THAT(SomeLabels().Unseal(*sealed, "bank"), StatusIs(kInvalid, HasSubstr("page_token")));
  EXPECT_THAT(IdLabels(std::string(32, 'l')).Unseal(*sealed, "shop"),
              StatusIs(kInvalid, HasSubstr("page_token")));
  EXPECT_NE(*SomeLabels().Seal("Ssecret-session-id", "shop"), *sealed);
}

TEST(IdLabelsTest, WhatWasChangedIsNotUnsealed) {
  const std::string sealed = *SomeLabels().Seal("text", "shop");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(SomeLabels().Unseal(changed, "shop"), StatusIs(kInvalid, HasSubstr("page_token")));
    EXPECT_THAT(SomeLabels().Unseal(sealed.substr(0, i), "shop").ok(), i == 0);
  }
}

TEST(IdLabelsTest, NothingStaysNothing) {
  EXPECT_EQ(*SomeLabels().Seal("", "shop"), "");
  EXPECT_EQ(*SomeLabels().Unseal("", "shop"), "");
}

}  // namespace
}  // namespace sessionhub::hub
