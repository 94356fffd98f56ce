// A real hub with two and three nodes over real sockets: what changes arrive where, and what
// happens when the hub or a connection goes away.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::_;
using testing::Apply;
using testing::ConnectTo;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::QuickOptions;
using testing::RawNode;
using testing::Relay;
using testing::StatusIs;
using testing::WaitFor;

class HubTest : public ::testing::Test {
 protected:
  void Start() { ASSERT_OK(hub_.Start()); }
  HubProbe Probe() const { return HubProbe(hub_.endpoint()); }

  HubProcess hub_;
};

TEST_F(HubTest, AChangeReachesTheInterestedNodeAndNoOther) {
  Start();
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Client web3 = ConnectTo(hub_.endpoint(), "web-3");
  const auto writer = OpenOrCreate(web1, "ada");
  const auto reader = OpenOrCreate(web2, "ada");
  const auto other = OpenOrCreate(web3, "bob");
  ASSERT_OK(writer);
  ASSERT_OK(reader);
  ASSERT_OK(other);
  EXPECT_EQ(writer->number(), reader->number());

  for (int i = 1; i <= 10; ++i) {
    Edit edit = writer->Begin();
    edit.Increment("cart/qty").Set("cart/last", "item-" + std::to_string(i));
    const Committed done = Apply(std::move(edit));
    ASSERT_OK(done.status);
    EXPECT_EQ(done.version, 1u + i);
  }
  EXPECT_TRUE(WaitFor([&] { return IntegerAt(*reader, "cart/qty") == 10; }));
  EXPECT_EQ(reader->Read()->version(), 11u);
  EXPECT_EQ(*reader->Read()->Get("cart/last"), Value("item-10"));

  // A change of its own is the last thing on the third node's lane: nothing came before it.
  Edit edit = other->Begin();
  edit.Set("name", "Bob");
  ASSERT_OK(Apply(std::move(edit)).status);
  EXPECT_EQ(web2.stats().forwards_received, 10u);
  EXPECT_EQ(web1.stats().forwards_received, 0u) << "an echo";
  EXPECT_EQ(web3.stats().forwards_received, 0u) << "a stray forward";
  HubProbe probe = Probe();
  EXPECT_EQ(probe.Node("web-1").forwards(), 0u);
  EXPECT_EQ(probe.Node("web-2").forwards(), 10u);
  EXPECT_EQ(probe.Node("web-3").forwards(), 0u);
}

// It is slowed by flow control, one past the bound and far past it.
TEST(HubWithOneDeltaInFlight, AnswersEachOfTheManyThatANodeSendsAtOnce) {
  HubProcess hub({"--in-flight-deltas-max=1"});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  ASSERT_EQ(node.Attach().attached().limits().in_flight_deltas_max(), 1u);
  const uint64_t number = node.Open("ada").opened().number();
  constexpr uint64_t kDeltas = 500;
  for (uint64_t seq = 1; seq <= kDeltas; ++seq) {
    v1::NodeFrame frame;
    frame.set_first_seq(seq);
    *frame.add_deltas() = testing::DeltaOn(number, testing::IncrementInt("n", 1));
    ASSERT_TRUE(node.Send(frame));
  }
  HubProbe probe(hub.endpoint());
  EXPECT_TRUE(WaitFor([&] { return probe.Integer(kApp, "ada", "n") == kDeltas; }));
}

TEST_F(HubTest, ADeletedSessionEndsAtEveryNodeAndItsIdStartsAnewWithAnotherNumber) {
  Start();
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  auto writer = OpenOrCreate(web1, "ada");
  auto reader = OpenOrCreate(web2, "ada");
  ASSERT_OK(writer);
  ASSERT_OK(reader);
  ASSERT_OK(writer->Delete(testing::kPatience).status);
  EXPECT_TRUE(WaitFor([&] { return absl::IsNotFound(reader->Read().status()); }));
  EXPECT_THAT(writer->Read(), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(web2.Open("ada"), StatusIs(absl::StatusCode::kNotFound, _));
  Edit late = reader->Begin();
  late.Set("a", 1);
  EXPECT_EQ(Apply(std::move(late)).kind, Committed::Kind::kRefused);
  EXPECT_EQ(writer->Delete(testing::kPatience).kind, Committed::Kind::kRefused);

  const auto next = OpenOrCreate(web2, "ada");
  ASSERT_OK(next);
  EXPECT_NE(next->number(), writer->number());
  EXPECT_EQ(next->Read()->field_count(), 0u);
}

TEST_F(HubTest, AnExclusiveCreationIsRecognisedAfterACutBetweenCreationAndAnswer) {
  Start();
  Relay relay(hub_.port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  ASSERT_OK(OpenOrCreate(web1, "warm-up"));
  OpenOptions exclusive;
  exclusive.create = Create::kExclusive;
  exclusive.timeout = testing::kPatience;

  relay.Hold(Relay::kToNode);
  absl::StatusOr<Session> created = absl::UnknownError("not yet");
  std::thread creator([&] { created = web1.Open("ada", exclusive); });
  const bool stored = WaitFor([&] { return web2.Open("ada").ok(); });
  relay.Cut(Relay::How::kReset);
  relay.Release(Relay::kToNode);
  creator.join();
  ASSERT_TRUE(stored);
  ASSERT_OK(created);
  EXPECT_EQ(created->number(), web2.Open("ada")->number());
  EXPECT_THAT(web2.Open("ada", exclusive), StatusIs(absl::StatusCode::kAlreadyExists, _));
  EXPECT_THAT(web1.Open("ada", exclusive), StatusIs(absl::StatusCode::kAlreadyExists, _));
}

// Every Edit sets both fields of its own; a half-made one would be seen as a pair that differs.
TEST_F(HubTest, TwoThreadsOfOneNodeNeverSendEachOthersHalfMadeChange) {
  constexpr int kEdits = 100;
  Start();
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  const auto session = OpenOrCreate(web1, "ada");
  const auto seen = OpenOrCreate(web2, "ada");
  ASSERT_OK(session);
  ASSERT_OK(seen);
  std::atomic<int> running = 2;
  const auto write = [&](int thread) {
    for (int i = 0; i < kEdits; ++i) {
      Edit edit = session->Begin();
      edit.Set("left", thread * kEdits + i);
      std::this_thread::yield();  // the other thread's Edit begins or commits here
      edit.Set("right", thread * kEdits + i).Increment("edits");
      EXPECT_TRUE(Apply(std::move(edit)).applied());
      Edit dropped = session->Begin();
      dropped.Set("left", -1);
    }
    --running;
  };
  std::thread first(write, 0);
  std::thread second(write, 1);
  while (running > 0) {
    const auto view = seen->Read();
    EXPECT_OK(view);
    if (!view.ok()) break;
    const Value* left = view->Get("left");
    const Value* right = view->Get("right");
    const bool whole = left == nullptr ? right == nullptr : right != nullptr && *left == *right;
    EXPECT_TRUE(whole) << "version " << view->version();
  }
  first.join();
  second.join();
  EXPECT_TRUE(WaitFor([&] { return IntegerAt(*seen, "edits") == 2 * kEdits; }));
  EXPECT_EQ(web2.stats().forwards_received, 2u * kEdits);
}

TEST_F(HubTest, ConnectNeedsNoHubAndOpenEndsAtItsTimeout) {
  Start();
  hub_.Kill();
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.timeout = 100ms;
  const absl::Status status = web1.Open("ada", options).status();
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) << status;
  EXPECT_FALSE(web1.attached());
  Start();
  EXPECT_OK(OpenOrCreate(web1, "ada"));
}

TEST_F(HubTest, PendingChangesAreBoundedAndThePastIsSentWhenTheHubComesBack) {
  Start();
  ClientOptions options = QuickOptions(hub_.endpoint(), "web-1");
  options.pending_bytes_max = 64 << 10;
  Client web1 = Client::Connect(options).value();
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  hub_.Kill();
  Outcomes outcomes;
  outcomes.Increment(*session, "n");
  const auto fill = [&](size_t bytes) {
    Edit edit = session->Begin();
    edit.Set("blob", std::string(bytes, 'x'));
    return std::move(edit).Commit(Ack::kDurable, 1ms);
  };
  EXPECT_EQ(fill(60 << 10).kind, Committed::Kind::kUnknown);
  const Committed refused = fill(8 << 10);
  EXPECT_EQ(refused.kind, Committed::Kind::kRefused);
  EXPECT_THAT(refused.status, StatusIs(absl::StatusCode::kResourceExhausted, _));
  EXPECT_LE(web1.stats().pending_bytes, options.pending_bytes_max);
  outcomes.Increment(*session, "n");
  Start();
  EXPECT_TRUE(WaitFor([&] { return outcomes.applied() == 2; }));
  EXPECT_EQ(web1.stats().pending, 0u);
  EXPECT_EQ(Probe().Integer(kApp, "ada", "n"), 2);
  EXPECT_EQ(Probe().Version(kApp, "ada"), 4u) << "two increments and the blob that fitted";
}

TEST_F(HubTest, ARestartedHubKnowsEverythingAndItsNodesComeBackByThemselves) {
  Start();
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  const auto writer = OpenOrCreate(web1, "ada");
  const auto reader = OpenOrCreate(web2, "ada");
  ASSERT_OK(writer);
  ASSERT_OK(reader);
  for (int life = 1; life <= 3; ++life) {
    Edit edit = writer->Begin();
    edit.Increment("n");
    ASSERT_OK(Apply(std::move(edit)).status);
    EXPECT_TRUE(WaitFor([&] { return IntegerAt(*reader, "n") == life; }));
    hub_.Kill();
    Start();
  }
  EXPECT_EQ(Probe().Version(kApp, "ada"), 4u);
  EXPECT_TRUE(WaitFor([&] { return web1.stats().attaches == 4 && web2.stats().attaches == 4; }));
}

TEST_F(HubTest, SigtermAnswersWhatItHasTakenAndExitsWithZero) {
  Start();
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  Outcomes outcomes;
  for (int i = 0; i < 500; ++i) outcomes.Increment(*session, "n");
  EXPECT_TRUE(WaitFor([&] { return outcomes.applied() > 0; }));
  hub_.Terminate();
  const auto code = hub_.Wait();
  ASSERT_OK(code);
  EXPECT_EQ(*code, 0) << hub_.log();
  EXPECT_NE(hub_.log().find("event=stopped"), std::string::npos);
  Start();
  EXPECT_TRUE(WaitFor([&] { return outcomes.applied() == 500; }));
  EXPECT_EQ(outcomes.failed(), 0u);
  EXPECT_EQ(Probe().Integer(kApp, "ada", "n"), 500);
}

// What SIGTERM has let into a turn is answered on the stream that stood: no resend is needed for
// it.
TEST_F(HubTest, SigtermSaysGoodbyeAfterTheAnswers) {
  constexpr uint64_t kDeltas = 200;
  Start();
  RawNode node(hub_.endpoint(), kApp, "web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t number = node.Open("ada").opened().number();
  v1::NodeFrame frame;
  frame.set_first_seq(1);
  for (uint64_t i = 0; i < kDeltas; ++i) {
    *frame.add_deltas() = testing::DeltaOn(number, testing::IncrementInt("n", 1));
  }
  node.Send(frame);
  HubProbe probe = Probe();
  ASSERT_TRUE(WaitFor([&] { return probe.Version(kApp, "ada") == 1 + kDeltas; }));
  hub_.Terminate();
  uint64_t answers = 0;
  while (const auto item = node.ReceiveItem()) answers += item->handle() == 0 ? 1 : 0;
  EXPECT_EQ(answers, kDeltas);
  EXPECT_EQ(node.Farewell().why(), v1::Goodbye::DRAINING);
  EXPECT_EQ(node.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(hub_.Wait().value_or(-1), 0) << hub_.log();
}

TEST_F(HubTest, ASecondOfHeldUpAnswersIsResentOnceAndNothingIsAppliedTwice) {
  Start();
  Relay relay(hub_.port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  HubProbe probe = Probe();
  Outcomes outcomes;
  relay.Hold(Relay::kToNode);
  for (int i = 0; i < 20; ++i) outcomes.Increment(*session, "n");
  ASSERT_TRUE(WaitFor([&] { return probe.Integer(kApp, "ada", "n") == 20; }));
  EXPECT_EQ(outcomes.applied(), 0u);
  relay.Cut(Relay::How::kReset);
  relay.Release(Relay::kToNode);
  EXPECT_TRUE(WaitFor([&] { return outcomes.applied() == 20; }));
  EXPECT_EQ(probe.Integer(kApp, "ada", "n"), 20);
  EXPECT_EQ(probe.Version(kApp, "ada"), 21u);
  EXPECT_EQ(web1.stats().resent, 20u);
  EXPECT_EQ(probe.Status().counters().deltas_duplicate(), 20u);
  EXPECT_EQ(IntegerAt(*session, "n"), 20);
}

TEST_F(HubTest, ResumeInsideTheLeaseCostsAFewBytes) {
  Start();
  Relay relay(hub_.port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  const auto reader = OpenOrCreate(web1, "ada");
  const auto writer = OpenOrCreate(web2, "ada");
  ASSERT_OK(reader);
  ASSERT_OK(writer);
  const auto set = [&](const std::string& path, size_t bytes) {
    Edit edit = writer->Begin();
    edit.Set(path, std::string(bytes, 'x')).Increment("n");
    EXPECT_OK(Apply(std::move(edit)).status);
  };
  for (int i = 0; i < 100; ++i) set("field/" + std::to_string(i), 1000);
  ASSERT_TRUE(WaitFor([&] { return IntegerAt(*reader, "n") == 100; }));
  relay.Refuse(true);
  relay.Cut(Relay::How::kFin);
  ASSERT_TRUE(WaitFor([&] { return !Probe().Node("web-1").attached(); }));
  EXPECT_EQ(Probe().Node("web-1").interests(), 1u) << "the lease keeps the interest";
  set("field/7", 10);
  const uint64_t before = relay.bytes(Relay::kToNode);
  relay.Refuse(false);
  ASSERT_TRUE(WaitFor([&] { return IntegerAt(*reader, "n") == 101; }));
  EXPECT_LT(relay.bytes(Relay::kToNode) - before, 2000u);
  EXPECT_EQ(web1.stats().forwards_received, 100u);
}

TEST(HubLeaseTest, AnEndedLeaseDropsInterestAndTheNodeOpensAgain) {
  HubProcess hub({"--lease-ms", "200"});
  ASSERT_OK(hub.Start());
  Relay relay(hub.port());
  ClientOptions options = QuickOptions(relay.endpoint(), "web-1");
  options.stale_max = 100ms;
  Client web1 = Client::Connect(options).value();
  Client web2 = ConnectTo(hub.endpoint(), "web-2");
  const auto reader = OpenOrCreate(web1, "ada");
  const auto writer = OpenOrCreate(web2, "ada");
  ASSERT_OK(reader);
  ASSERT_OK(writer);
  relay.Refuse(true);
  relay.Cut(Relay::How::kReset);
  HubProbe probe(hub.endpoint());
  ASSERT_TRUE(WaitFor([&] { return probe.Node("web-1").name().empty(); }));
  EXPECT_TRUE(WaitFor([&] { return absl::IsUnavailable(reader->Read().status()); }))
      << "a node that hears nothing for stale_max does not serve its copies";
  Edit edit = writer->Begin();
  edit.Increment("n");
  ASSERT_OK(Apply(std::move(edit)).status);
  relay.Refuse(false);
  EXPECT_TRUE(WaitFor([&] { return IntegerAt(*reader, "n") == 1; }));
  EXPECT_EQ(probe.Node("web-1").interests(), 1u);
}

TEST_F(HubTest, TheAttachAfterABreakTellsWhetherTheLeaseIsHeld) {
  Start();
  const auto attach_and_open = [&](char incarnation, uint32_t* handle) {
    RawNode node(hub_.endpoint(), kApp, "web-1", incarnation);
    const bool held = node.Attach().attached().lease_held();
    *handle = node.Open("ada").handle();
    return held;
  };
  uint32_t first = 0;
  uint32_t second = 0;
  EXPECT_FALSE(attach_and_open('a', &first));
  EXPECT_TRUE(attach_and_open('a', &second));
  EXPECT_EQ(first, second) << "handles outlive the stream";
  EXPECT_FALSE(attach_and_open('b', &second)) << "another process is another node";
}

TEST(HubListenTest, PlaintextOnAnotherAddressIsRefusedUnlessToldInSoManyWords) {
  HubProcess refused({"--listen", "0.0.0.0:0"});
  const auto code = refused.RunToItsEnd();
  ASSERT_OK(code);
  EXPECT_EQ(*code, 2);
  EXPECT_NE(refused.log().find("--insecure-listen"), std::string::npos) << refused.log();

  HubProcess told({"--listen", "0.0.0.0:0", "--insecure-listen"});
  EXPECT_OK(told.Start());
}

}  // namespace
}  // namespace sessionhub
