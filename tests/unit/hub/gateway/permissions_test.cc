#include "hub/gateway/permissions.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
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

// Without the spaces around them.
std::vector<std::string> PartsOf(const std::string& text, char separator) {
  std::vector<std::string> parts = absl::StrSplit(text, separator);
  for (std::string& part : parts) absl::StripAsciiWhitespace(&part);
  return parts;
}

// "Attach: open, read", "GetStatus, ListNodes (of its own app)": the calls that a row is of.
std::vector<std::string> CallsOf(const std::string& cell) {
  return PartsOf(cell.substr(0, cell.find_first_of(":(")), ',');
}

// What the page says of a call.
struct Told {
  bool node;
  bool reader;
  bool every_app;  // only admins of every app
};

// The table of docs/security.md.
std::map<std::string, Told> TableOfThePage() {
  std::ifstream page(SESSIONHUB_SECURITY_PAGE);
  std::map<std::string, Told> table;
  bool within = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "| call | node | reader | admin |") {
      within = true;
      std::getline(page, line);  // the rule below the head
      continue;
    }
    if (line.rfind("| ", 0) != 0) within = false;
    if (!within) continue;
    const std::vector<std::string> cells = PartsOf(line, '|');  // the first and the last are empty
    EXPECT_EQ(cells.size(), 6u) << line;
    EXPECT_NE(cells.at(4), "no") << "admins may make every call: " << line;
    const Told told{cells.at(2) != "no", cells.at(3) != "no", cells.at(4) == "of every app only"};
    for (const std::string& call : CallsOf(cells.at(1))) {
      EXPECT_TRUE(table.emplace(call, told).second) << call << " has two rows";
    }
  }
  return table;
}

TEST(PermissionsTest, ThePageForOperatorsSaysWhatTheTableSays) {
  const std::map<std::string, Told> page = TableOfThePage();
  for (const Permission& row : Permissions()) {
    const auto told = page.find(row.method);
    ASSERT_NE(told, page.end()) << row.method << " has no row in " << SESSIONHUB_SECURITY_PAGE;
    EXPECT_EQ(told->second.node, row.node) << row.method;
    EXPECT_EQ(told->second.reader, row.reader) << row.method;
    EXPECT_EQ(told->second.every_app, row.scope == Scope::kEveryApp) << row.method;
  }
  EXPECT_EQ(page.size(), Permissions().size()) << "it has a row of a call that there is not";
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
