// Each fail point is where its name says: what a hub has stored that died there, and what its node
// was told, are seen before the node can send anything again. Then everything goes on, once.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/fail_point.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::ConnectTo;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::Relay;
using testing::WaitFor;

constexpr int kKilled = 128 + 9;
constexpr char kId[] = "cart";
constexpr char kField[] = "cart/count";

struct Place {
  std::string name;
  bool stored;      // the turn that it dies in
  bool may_answer;  // before it dies
};

void PrintTo(const Place& place, std::ostream* out) {
  *out << place.name;
}

// What a hub of its own, which dies at `name`, and a node behind a relay have between them.
struct Scene {
  explicit Scene(const std::string& name, std::vector<std::string> options = {})
      : hub(std::move(options)) {
    hub.set_fail_point(name + ":1");
    EXPECT_OK(hub.Start());
    hub.set_fail_point("");
    relay = std::make_unique<Relay>(hub.port());
  }

  // Until it is dead and a new one is ready. Nobody reaches that before the relay lets him.
  void Die(const std::string& name) {
    const auto code = hub.Wait();
    ASSERT_OK(code);
    EXPECT_EQ(*code, kKilled);
    EXPECT_THAT(hub.log(), HasSubstr("event=fail_point name=" + name + " "));
    ASSERT_OK(hub.Start());
  }

  HubProcess hub;
  std::unique_ptr<Relay> relay;
};

class CommitFailPointTest : public ::testing::TestWithParam<Place> {
 protected:
  // Commits once, and once more when the hub is to die. False if it died in a turn of its own,
  // which writes the hub's time.
  bool DiesInTheTurnOfTheCommit() {
    const Place& place = GetParam();
    Scene scene(place.name);
    Client node = ConnectTo(scene.relay->endpoint(), "web-1");
    absl::StatusOr<Session> session = OpenOrCreate(node, kId);
    EXPECT_OK(session);
    Outcomes outcomes;
    outcomes.Increment(*session, kField);
    EXPECT_TRUE(WaitFor([&] { return outcomes.applied() == 1; }));

    scene.hub.Freeze();
    outcomes.Increment(*session, kField);
    scene.relay->Refuse(true);
    scene.hub.Arm();
    scene.hub.Thaw();
    scene.Die(place.name);
    HubProbe probe(scene.hub.endpoint());
    const uint64_t version = probe.Version(kApp, kId);
    const bool as_planned = version == (place.stored ? 3u : 2u);
    if (as_planned && !place.may_answer) {
      EXPECT_EQ(outcomes.applied(), 1u);
    }

    scene.relay->Refuse(false);
    EXPECT_TRUE(WaitFor([&] { return outcomes.applied() == 2; }));
    EXPECT_EQ(outcomes.failed(), 0u);
    EXPECT_EQ(probe.Integer(kApp, kId, kField), 2);
    EXPECT_EQ(probe.Version(kApp, kId), 3u);
    return as_planned;
  }
};

TEST_P(CommitFailPointTest, IsWhereItSays) {
  bool seen = false;
  for (int tries = 0; tries < 5 && !seen && !HasFailure(); ++tries) {
    seen = DiesInTheTurnOfTheCommit();
  }
  EXPECT_TRUE(seen) << "what is stored after it is never what its name says";
}

INSTANTIATE_TEST_SUITE_P(
    Each, CommitFailPointTest,
    ::testing::Values(Place{"sync.before", false, false}, Place{"sync.torn", false, false},
                      Place{"sync.within", true, false}, Place{"sync.after", true, false},
                      Place{"release.effect", true, false}, Place{"release.wake", true, true}),
    [](const auto& place) {
      std::string name = place.param.name;
      name[name.find('.')] = '_';
      return name;
    });

// A second node opens what the first has written; the hub dies before it has it.
void DieInCatchUp(const std::string& name, const std::string& turn_read_bytes_max) {
  Scene scene(name, {"--turn-read-bytes-max", turn_read_bytes_max});
  Client writer = ConnectTo(scene.hub.endpoint(), "web-1");
  absl::StatusOr<Session> session = OpenOrCreate(writer, kId);
  ASSERT_OK(session);
  Edit edit = session->Begin();
  edit.Set(kField, 7);
  ASSERT_TRUE(testing::Apply(std::move(edit)).applied());

  Client reader = ConnectTo(scene.relay->endpoint(), "web-2");
  ASSERT_TRUE(WaitFor([&] { return reader.attached(); }));
  scene.hub.Arm();
  ASSERT_TRUE(
      WaitFor([&] { return scene.hub.log().find("fail_point_armed") != std::string::npos; }));
  scene.relay->Refuse(true);
  EXPECT_FALSE(reader.Open(kId, {.timeout = std::chrono::milliseconds(300)}).ok());
  ASSERT_NO_FATAL_FAILURE(scene.Die(name));
  scene.relay->Refuse(false);
  absl::StatusOr<Session> read;
  ASSERT_TRUE(WaitFor([&] {
    read = reader.Open(kId);
    return read.ok();
  }));
  EXPECT_EQ(testing::IntegerAt(*read, kField), 7);
  EXPECT_EQ(reader.stats().resyncs, 0u);
}

TEST(CatchUpFailPointTest, WithinTheTurn) {
  DieInCatchUp("catch_up.turn", "1000000");
}

TEST(CatchUpFailPointTest, BesideTheTurns) {
  DieInCatchUp("catch_up.reader", "0");
}

TEST(CatchUpFailPointTest, BeforeTheLastPart) {
  DieInCatchUp("catch_up.last", "0");
}

TEST(FailPointTest, AnUnknownOneStopsTheStartAndNamesAll) {
  HubProcess hub;
  hub.set_fail_point("sync.never:1");
  const auto code = hub.RunToItsEnd();
  ASSERT_OK(code);
  EXPECT_EQ(*code, 1);
  EXPECT_THAT(hub.log(), HasSubstr("SESSIONHUB_FAIL_POINT=sync.never:1 is no fail point"));
  for (const std::string_view name : hub::kFailPoints) {
    EXPECT_THAT(hub.log(), HasSubstr(std::string(name)));
  }
}

}  // namespace
}  // namespace sessionhub
