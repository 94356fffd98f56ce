// Every limit that a hub is told on its command line reaches its nodes, and holds; limits that do
// not fit each other stop the start.
#include "proto/session/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "proto/session/wire.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"

namespace sessionhub {
namespace {

using ::testing::AllOf;
using testing::DeltaOn;
using ::testing::HasSubstr;
using testing::HubProcess;
using testing::kApp;
using testing::PutString;
using testing::RawNode;

TEST(LimitOptionsTest, EachOptionIsToldToTheNodesAndHolds) {
  HubProcess hub({"--path-bytes-max=301", "--path-segments-max=7", "--value-bytes-max=1003",
                  "--delta-ops-max=11", "--delta-bytes-max=2005", "--session-bytes-max=3007",
                  "--frame-bytes-max=70009", "--in-flight-deltas-max=13",
                  "--path-definitions-max=17", "--lease-ms=45678", "--heartbeat-ms=6789"});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  const v1::Attached attached = node.Attach().attached();
  EXPECT_EQ(attached.lease_ms(), 45'678u);
  EXPECT_EQ(attached.heartbeat_ms(), 6'789u);
  const v1::Limits& told = attached.limits();
  EXPECT_EQ(told.id_bytes_max(), 256u) << "which no option sets";
  EXPECT_EQ(told.path_bytes_max(), 301u);
  EXPECT_EQ(told.path_segments_max(), 7u);
  EXPECT_EQ(told.value_bytes_max(), 1'003u);
  EXPECT_EQ(told.delta_ops_max(), 11u);
  EXPECT_EQ(told.delta_bytes_max(), 2'005u);
  EXPECT_EQ(told.session_bytes_max(), 3'007u);
  EXPECT_EQ(told.frame_bytes_max(), 70'009u);
  EXPECT_EQ(told.in_flight_deltas_max(), 13u);
  EXPECT_EQ(told.path_definitions_max(), 17u);

  // A limit that is new needs a line above.
  v1::Limits defaults;
  EncodeLimits(Limits(), &defaults);
  const google::protobuf::Descriptor& fields = *v1::Limits::descriptor();
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = fields.field(i);
    if (field->name() == "id_bytes_max") continue;
    EXPECT_NE(told.GetReflection()->GetUInt64(told, field),
              defaults.GetReflection()->GetUInt64(defaults, field))
        << field->name() << " is not set in this test";
  }

  const uint64_t number = node.Open("ada").opened().number();
  EXPECT_FALSE(node.Commit(DeltaOn(number, PutString("v", std::string(1003, 'x')))).has_refused());
  EXPECT_THAT(
      node.Commit(DeltaOn(number, PutString("v", std::string(1004, 'x')))).refused().message(),
      HasSubstr("value_bytes_max = 1003"));
}

TEST(LimitOptionsTest, ThoseThatDoNotFitEachOtherStopTheStart) {
  HubProcess hub({"--value-bytes-max=1000", "--path-bytes-max=24", "--delta-bytes-max=1023"});
  const auto code = hub.RunToItsEnd();
  ASSERT_OK(code);
  EXPECT_EQ(*code, 2);
  EXPECT_THAT(hub.log(), AllOf(HasSubstr("event=start_failed"), HasSubstr("--delta-bytes-max"),
                               HasSubstr("--value-bytes-max"), HasSubstr("--path-bytes-max")));
  HubProcess fits({"--value-bytes-max=1000", "--path-bytes-max=24", "--delta-bytes-max=1024"});
  EXPECT_OK(fits.Start());
}

}  // namespace
}  // namespace sessionhub
