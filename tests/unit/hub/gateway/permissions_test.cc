#include "hub/gateway/permissions.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "sessionhub/v1/admin.pb.h"
#include "sessionhub/v1/hub.pb.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

Caller CallerWith(Role role, const std::string& app) {
  return {"0123456789ab", "", role, app};
}

// The calls of a service of the schema, as "Admin/GetStatus".
void AddCalls(const std::string& service, std::set<std::string>* calls) {
  const auto* const found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "sessionhub.v1." + service);
  ASSERT_NE(found, nullptr) << service;
  for (int i = 0; i < found->method_count(); ++i) {
    calls->insert(service + "/" + std::string(found->method(i)->name()));
  }
}

TEST(PermissionsTest, EveryCallOfTheSchemaHasARowAndNoOther) {
  // So that the linker keeps what registers them.
  ASSERT_FALSE(std::string(descriptor_table_sessionhub_2fv1_2fhub_2eproto.filename).empty());
  ASSERT_FALSE(std::string(descriptor_table_sessionhub_2fv1_2fadmin_2eproto.filename).empty());
  std::set<std::string> calls;
  AddCalls("Hub", &calls);
  AddCalls("Admin", &calls);
  std::set<std::string> rows;
  for (const Permission& row : Permissions()) {
    EXPECT_TRUE(rows.insert(std::string(row.service) + "/" + row.method).second) << row.method;
  }
  EXPECT_EQ(rows, calls) << "a call that is added to the schema gets a row in permissions.cc";
}

TEST(PermissionsTest, ACallWithoutARowIsRefusedEvenToAdmins) {
  EXPECT_THAT(CheckPermission(Caller(), "Admin", "DropEverything", "shop"),
              StatusIs(kDenied, HasSubstr("DropEverything")));
}

TEST(PermissionsTest, SaysWhichRoleIsNeeded) {
  EXPECT_THAT(CheckPermission(CallerWith(Role::kReader, "shop"), "Admin", "DeleteSession", "shop"),
              StatusIs(kDenied,
                       "DeleteSession needs a token of role admin; token 0123456789ab has role "
                       "reader for app shop"));
  EXPECT_THAT(CheckPermission(CallerWith(Role::kNode, "shop"), "Admin", "GetSession", "shop"),
              StatusIs(kDenied, HasSubstr("role reader, admin")));
}

TEST(PermissionsTest, SaysWhichAppIsNeeded) {
  EXPECT_OK(CheckPermission(CallerWith(Role::kNode, "shop"), "Hub", "Attach", "shop"));
  EXPECT_THAT(CheckPermission(CallerWith(Role::kNode, "shop"), "Hub", "Attach", "bank"),
              StatusIs(kDenied, AllOf(HasSubstr("for app bank"), HasSubstr("has role node"))));
  EXPECT_OK(CheckPermission(CallerWith(Role::kAdmin, "*"), "Hub", "Attach", "bank"));
  EXPECT_THAT(CheckPermission(CallerWith(Role::kAdmin, "shop"), "Admin", "FinalizeUpgrade", ""),
              StatusIs(kDenied, HasSubstr("for every app")));
  EXPECT_OK(CheckPermission(CallerWith(Role::kAdmin, "*"), "Admin", "FinalizeUpgrade", ""));
}

TEST(PermissionsTest, AnAppThatBeginsAlikeIsAnother) {
  for (const char* app : {"shop2", "sho", "", "*", "SHOP"}) {
    EXPECT_THAT(CheckPermission(CallerWith(Role::kAdmin, "shop"), "Admin", "GetSession", app),
                StatusIs(kDenied, HasSubstr("a token for app")))
        << app;
  }
}

TEST(PermissionsTest, OnlyNodesAndAdminsMayAttach) {
  EXPECT_OK(CheckMayAttach(CallerWith(Role::kNode, "shop")));
  EXPECT_OK(CheckMayAttach(CallerWith(Role::kAdmin, "shop")));
  EXPECT_THAT(CheckMayAttach(CallerWith(Role::kReader, "*")),
              StatusIs(kDenied, HasSubstr("role node, admin")));
}

}  // namespace
}  // namespace sessionhub::hub
