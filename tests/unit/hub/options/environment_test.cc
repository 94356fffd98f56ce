#include "hub/options/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hub/options/option_table.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EnvironmentTest : public ::testing::Test {
 protected:
  EnvironmentTest() {
    Option list;
    list.name = "items";
    list.kind = OptionKind::kList;
    options_.push_back(list);
  }

  Environment Read(std::vector<const char*> variables) {
    problems_ = Problems();
    variables.push_back(nullptr);
    return ReadEnvironment(variables.data(), options_, &problems_);
  }
  std::string Problem() const { return std::string(problems_.ToStatus().message()); }

  std::vector<Option> options_ = OptionTable();
  Problems problems_;
};

TEST_F(EnvironmentTest, AVariableGivesItsOption) {
  const Environment environment =
      Read({"PATH=/bin", "SESSIONHUB_LEASE_MS=1000", "SESSIONHUB_LISTEN=a=\"b\" # c",
            "SESSIONHUB_CONFIG=/etc/hub.conf"});
  EXPECT_OK(problems_.ToStatus());
  ASSERT_EQ(environment.given.size(), 2u);
  EXPECT_EQ(environment.given[0].name, "lease-ms");
  EXPECT_EQ(environment.given[0].place, "SESSIONHUB_LEASE_MS");
  EXPECT_EQ(environment.given[0].subject, "SESSIONHUB_LEASE_MS");
  EXPECT_THAT(environment.given[0].texts, ElementsAre("1000"));
  EXPECT_THAT(environment.given[1].texts, ElementsAre("a=\"b\" # c")) << "taken as it is";
  EXPECT_EQ(environment.config_file, "/etc/hub.conf");
}

TEST_F(EnvironmentTest, AnEmptyVariableIsNone) {
  const Environment environment =
      Read({"SESSIONHUB_LEASE_MS=", "SESSIONHUB_CONFIG=", "SESSIONHUB_NONE="});
  EXPECT_OK(problems_.ToStatus());
  EXPECT_THAT(environment.given, IsEmpty());
  EXPECT_EQ(environment.config_file, "");
}

TEST_F(EnvironmentTest, AListIsSeparatedByCommas) {
  EXPECT_THAT(Read({"SESSIONHUB_ITEMS=a, \"b, c\""}).given.at(0).texts, ElementsAre("a", "b, c"));
  EXPECT_THAT(Read({"SESSIONHUB_ITEMS=[]"}).given.at(0).texts, IsEmpty());
  EXPECT_THAT(Read({"SESSIONHUB_ITEMS=a,,b"}).given, IsEmpty());
  EXPECT_EQ(Problem(), "SESSIONHUB_ITEMS = a,,b leaves out an item: write \"\" for an empty one");
}

TEST_F(EnvironmentTest, AnUnknownVariableIsToldWithTheNearestKnownOneAndWithoutItsValue) {
  Read({"SESSIONHUB_LEESE_MS=secret"});
  EXPECT_EQ(Problem(), "SESSIONHUB_LEESE_MS is no option: do you mean SESSIONHUB_LEASE_MS?");
  Read({"SESSIONHUB_CONFIGS=x"});
  EXPECT_EQ(Problem(), "SESSIONHUB_CONFIGS is no option: do you mean SESSIONHUB_CONFIG?");
  Read({"SESSIONHUB_lease_ms=1000"});
  EXPECT_EQ(Problem(), "SESSIONHUB_lease_ms is no option: do you mean SESSIONHUB_LEASE_MS?");
  Read({"SESSIONHUB_=1"});
  EXPECT_EQ(Problem(), "SESSIONHUB_ is no option: sessionhubd --help lists those there are");
}

TEST_F(EnvironmentTest, WhatOthersReadIsLeftAlone) {
  Read({"SESSIONHUB_ENDPOINT=127.0.0.1:7070", "SESSIONHUB_FAIL_POINT=sync.before:1",
        "SESSIONHUB_TEST_FORMAT_NEWEST=2", "SESSIONHUB_SEED=1", "SESSIONHUB_SIMULATIONS=2",
        "SESSIONHUBD=/bin/sessionhubd", "OTHER_SESSIONHUB_LEASE_MS=1"});
  EXPECT_OK(problems_.ToStatus());
}

TEST_F(EnvironmentTest, WhatAServiceOfThisNameBringsIsLeftAlone) {
  const Environment environment = Read(
      {"SESSIONHUB_SERVICE_HOST=10.0.0.1", "SESSIONHUB_SERVICE_PORT=7070",
       "SESSIONHUB_SERVICE_PORT_GRPC=7070", "SESSIONHUB_PORT=tcp://10.0.0.1:7070",
       "SESSIONHUB_PORT_7070_TCP=tcp://10.0.0.1:7070", "SESSIONHUB_PORT_7070_TCP_ADDR=10.0.0.1",
       "SESSIONHUB_ADMIN_SERVICE_HOST=10.0.0.1", "SESSIONHUB_PORT_FILE=/run/port"});
  EXPECT_OK(problems_.ToStatus());
  ASSERT_EQ(environment.given.size(), 1u);
  EXPECT_EQ(environment.given[0].name, "port-file");
  Read({"SESSIONHUB_PORT=7070"});
  EXPECT_EQ(problems_.count(), 1u) << "somebody means the hub's port";
}

}  // namespace
}  // namespace sessionhub::hub
