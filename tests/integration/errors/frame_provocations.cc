// What a hub tells a node in frames.
#include <memory>
#include <random>

#include "proto/session/wire.h"
#include "tests/integration/errors/provocations.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

constexpr uint64_t kFeatures = v1::FEATURE_SPLICE | v1::FEATURE_CONDITIONS |
                               v1::FEATURE_AFTER_PREVIOUS | v1::FEATURE_LIFE | v1::FEATURE_LOCKS;

// A hub, and a node that is attached to it and has opened "ada".
class FrameBed {
 public:
  explicit FrameBed(uint64_t features = kFeatures, std::vector<std::string> options = {})
      : hub_(std::move(options)) {
    if (!hub_.Start().ok()) return;
    node_ = NewNode("web-1", 'a');
    v1::NodeFrame first;
    *first.mutable_hello() = node_->MakeHello();
    first.mutable_hello()->set_features(features);
    node_->Send(first);
    node_->Receive();
    opened_ = node_->Open("ada");
  }

  HubProcess& hub() { return hub_; }
  RawNode& node() { return *node_; }
  uint64_t number() const { return opened_.opened().number(); }
  uint32_t handle() const { return opened_.handle(); }

  std::unique_ptr<RawNode> NewNode(const std::string& name, char incarnation) const {
    return std::make_unique<RawNode>(hub_.endpoint(), kApp, name, incarnation);
  }
  Told Commit(const v1::Delta& delta) { return RefusalIn(node_->Commit(delta).refused()); }
  Told Commit(const v1::Op& op) { return Commit(DeltaOn(number(), op)); }
  // The answer to what is no delta.
  Told Ask(const v1::NodeFrame& frame) {
    node_->Send(frame);
    while (const auto item = node_->ReceiveItem()) {
      if (item->has_answer()) return RefusalIn(item->answer().refused());
    }
    return {};
  }

  static Told RefusalIn(const v1::Refused& refused) {
    const absl::Status status = ErrorStatus(refused.reason(), refused.message());
    return {refused.reason(), status.code(), refused.message()};
  }

 private:
  HubProcess hub_;
  std::unique_ptr<RawNode> node_;
  v1::Item opened_;
};

// Reads the stream to its end.
Told GoodbyeOf(RawNode& node) {
  const v1::Goodbye goodbye = node.Farewell();
  return {goodbye.why(), static_cast<absl::StatusCode>(node.Finish().error_code()),
          goodbye.message()};
}

v1::Op SpliceOf(const std::string& base) {
  v1::Op op;
  EncodeOp(
      MakeSplice(*Path::FromText("name"), base, 0, 0, "!"), [](const Path&) { return 0u; }, &op);
  return op;
}

v1::NodeFrame Lock(uint64_t number, uint32_t request) {
  v1::NodeFrame frame;
  v1::LockRequest* lock = frame.add_locks();
  lock->set_request(request);
  lock->set_number(number);
  lock->set_lease_ms(600'000);
  return frame;
}

// ---- refusals ----

Told IllegalOperation() {
  return FrameBed().Commit(IncrementInt("", 1));
}

Told LongId() {
  FrameBed bed;
  return FrameBed::RefusalIn(bed.node().Open(std::string(257, 'x')).opened().refused());
}

Told CommitToNoSession() {
  FrameBed bed;
  return bed.Commit(DeltaOn(bed.number() + 12'345, IncrementInt("n", 1)));
}

Told OpenOfNone() {
  FrameBed bed;
  return FrameBed::RefusalIn(bed.node().Open("bob", v1::CREATE_NEVER).opened().refused());
}

Told SecondCreation() {
  FrameBed bed;
  return FrameBed::RefusalIn(bed.node().Open("ada", v1::CREATE_EXCLUSIVE).opened().refused());
}

Told IncrementOfAText() {
  FrameBed bed;
  bed.Commit(PutString("name", "Ada"));
  return bed.Commit(IncrementInt("name", 1));
}

Told IncrementPastTheRange() {
  FrameBed bed;
  bed.Commit(IncrementInt("n", INT64_MAX));
  return bed.Commit(IncrementInt("n", 1));
}

Told WrongVersion() {
  FrameBed bed;
  v1::Delta delta = DeltaOn(bed.number(), IncrementInt("n", 1));
  delta.set_if_version(99);
  return bed.Commit(delta);
}

Told SpliceOnAnotherBase() {
  FrameBed bed;
  bed.Commit(PutString("name", "Ada"));
  return bed.Commit(SpliceOf("Bob"));
}

Told SpliceThatWasNotAgreed() {
  FrameBed bed(0);
  return bed.Commit(SpliceOf("Ada"));
}

Told HandleThatIsNotOpen() {
  FrameBed bed;
  v1::Delta delta;
  delta.set_handle(4'711);
  *delta.add_ops() = IncrementInt("n", 1);
  return bed.Commit(delta);
}

Told AfterARefusedOne() {
  FrameBed bed;
  bed.Commit(IncrementInt("", 1));
  v1::Delta delta = DeltaOn(bed.number(), IncrementInt("n", 1));
  delta.set_after_previous(true);
  return bed.Commit(delta);
}

Told OpenByAnOldId() {
  FrameBed bed;
  v1::NodeFrame frame;
  v1::Rename* rename = frame.add_renames();
  rename->set_request(1'000);
  rename->set_number(bed.number());
  rename->set_old_id("ada");
  rename->set_new_id("eve");
  bed.Ask(frame);
  return FrameBed::RefusalIn(bed.node().Open("ada", v1::CREATE_NEVER).opened().refused());
}

Told SecondLock() {
  FrameBed bed;
  bed.Ask(Lock(bed.number(), 1'000));
  return bed.Ask(Lock(bed.number(), 1'001));
}

Told CommitUnderNoLock() {
  FrameBed bed;
  v1::Delta delta = DeltaOn(bed.number(), IncrementInt("n", 1));
  delta.set_lock_token(99);
  return bed.Commit(delta);
}

// ---- goodbyes ----

Told CutByAnOperator() {
  FrameBed bed;
  grpc::ClientContext context;
  v1::DisconnectNodeRequest request;
  request.set_app(kApp);
  request.set_name("web-1");
  v1::DisconnectNodeResponse response;
  v1::Admin::NewStub(NewChannel(bed.hub().endpoint()))
      ->DisconnectNode(&context, request, &response);
  return GoodbyeOf(bed.node());
}

Told NamesakeAttaches() {
  FrameBed bed;
  const auto newer = bed.NewNode("web-1", 'b');
  newer->Attach();
  return GoodbyeOf(bed.node());
}

Told SecondHello() {
  FrameBed bed;
  v1::NodeFrame frame;
  *frame.mutable_hello() = bed.node().MakeHello();
  bed.node().Send(frame);
  return GoodbyeOf(bed.node());
}

Told HelloOf(void (*change)(v1::Hello* hello)) {
  FrameBed bed;
  const auto node = bed.NewNode("web-2", 'b');
  v1::NodeFrame frame;
  *frame.mutable_hello() = node->MakeHello();
  change(frame.mutable_hello());
  node->Send(frame);
  return GoodbyeOf(*node);
}

Told HelloOfALaterVersion() {
  return HelloOf([](v1::Hello* hello) { hello->set_protocol_version(2); });
}

Told HelloOfAnIllegalName() {
  return HelloOf([](v1::Hello* hello) { hello->set_node_name("web 2"); });
}

Told SecondStreamOfANode() {
  FrameBed bed;
  const auto newer = bed.NewNode("web-1", 'a');
  newer->Attach();
  return GoodbyeOf(bed.node());
}

Told NodeTooMany() {
  FrameBed bed(kFeatures, {"--nodes-max", "1"});
  const auto second = bed.NewNode("web-2", 'b');
  second->Attach();
  return GoodbyeOf(*second);
}

// ---- ends ----

Told EndOn(RawNode& node, uint32_t handle) {
  while (const auto item = node.ReceiveItem()) {
    if (item->has_ended() && item->handle() == handle) return {item->ended().why()};
  }
  return {};
}

// What an application hears of the end of `session` when it reads it next.
absl::Status EndOf(const Session& session) {
  WaitFor([&] { return !session.Read().ok(); });
  return session.Read().status();
}

Told BothOf(const Told& node, const absl::Status& application) {
  return {node.number, application.code(), std::string(application.message())};
}

Told DeletedSession() {
  FrameBed bed;
  Client client = ConnectTo(bed.hub().endpoint(), "web-2");
  const auto session = client.Open("ada");
  if (!session.ok()) return ToldBy(session.status());
  HubProbe(bed.hub().endpoint()).Delete(kApp, "ada");
  return BothOf(EndOn(bed.node(), bed.handle()), EndOf(*session));
}

Told ExpiredSession() {
  FrameBed bed;
  Client client = ConnectTo(bed.hub().endpoint(), "web-2");
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.absolute_timeout = std::chrono::seconds(5);
  const auto session = client.Open("short", options);
  if (!session.ok()) return ToldBy(session.status());
  const uint32_t handle = bed.node().Open("short", v1::CREATE_NEVER).handle();
  return BothOf(EndOn(bed.node(), handle), EndOf(*session));
}

Told UnknownHandle() {
  FrameBed bed;
  v1::NodeFrame frame;
  frame.add_resumes()->set_handle(4'711);
  bed.node().Send(frame);
  // The client's application hears of it only by a read before the session is open again.
  return BothOf(EndOn(bed.node(), 4'711), ErrorStatus(v1::Ended::UNKNOWN, ""));
}

}  // namespace

void FillWithSessions(const std::string& endpoint, int count) {
  RawNode node(endpoint, kApp, "filler", 'f');
  node.Attach();
  std::minstd_rand random(1);
  for (int i = 0; i < count; ++i) {
    std::string value((1 << 20) - 256, ' ');
    for (char& c : value) c = static_cast<char>('!' + random() % 90);
    const uint64_t number = node.Open("s" + std::to_string(i)).opened().number();
    node.Commit(DeltaOn(number, PutString("value", value)));
  }
}

std::vector<Provocation> FrameProvocations() {
  using enum ErrorFamily;
  using v1::Ended;
  using v1::Goodbye;
  return {
      {kRefusal, v1::INVALID_ARGUMENT, "path is empty", IllegalOperation},
      {kRefusal, v1::LIMIT_EXCEEDED, "256", LongId},
      {kRefusal, v1::GONE, "ended", CommitToNoSession},
      {kRefusal, v1::NOT_FOUND, "no session has this id", OpenOfNone},
      {kRefusal, v1::ALREADY_EXISTS, "exists", SecondCreation},
      {kRefusal, v1::WRONG_TYPE, "of a field of type string", IncrementOfAText},
      {kRefusal, v1::OUT_OF_RANGE, "increment", IncrementPastTheRange},
      {kRefusal, v1::VERSION_CHANGED, "version", WrongVersion},
      {kRefusal, v1::BASE_CHANGED, "splice of", SpliceOnAnotherBase},
      {kRefusal, v1::UNSUPPORTED, "splice is not agreed", SpliceThatWasNotAgreed},
      {kRefusal, v1::UNKNOWN_HANDLE, "4711", HandleThatIsNotOpen},
      {kRefusal, v1::PREVIOUS_REFUSED, "the commit before", AfterARefusedOne},
      {kRefusal, v1::RENAMED, "another id", OpenByAnOldId},
      {kRefusal, v1::LOCKED, "locked", SecondLock},
      {kRefusal, v1::LOCK_LOST, "lock", CommitUnderNoLock},
      {kGoodbye, Goodbye::DRAINING, "an operator", CutByAnOperator},
      {kGoodbye, Goodbye::REPLACED, "a newer process", NamesakeAttaches},
      {kGoodbye, Goodbye::PROTOCOL_ERROR, "a second hello", SecondHello},
      {kGoodbye, Goodbye::VERSION_UNSUPPORTED, "protocol version 2", HelloOfALaterVersion},
      {kGoodbye, Goodbye::SILENT, "a newer stream", SecondStreamOfANode},
      {kGoodbye, Goodbye::INVALID_HELLO, "node name", HelloOfAnIllegalName},
      {kGoodbye, Goodbye::BUSY, "nodes_max", NodeTooMany},
      {kEnded, Ended::DELETED, "ended", DeletedSession},
      {kEnded, Ended::EXPIRED, "ended", ExpiredSession},
      {kEnded, Ended::UNKNOWN, "a handle", UnknownHandle},
  };
}

}  // namespace sessionhub::testing
