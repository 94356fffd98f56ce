#include <string>
#include <utility>
#include <vector>

#include "proto/session/wire.h"
#include "sessionhub/v1/frames.pb.h"
#include "tests/golden/golden_case.h"
#include "tests/support/paths.h"

namespace sessionhub::testing {
namespace {

using Kind = Operation::Kind;

std::string Count16(char first) {
  std::string bytes(16, '\0');
  for (char& byte : bytes) byte = first++;
  return bytes;
}

v1::NodeFrame HelloFrame() {
  v1::NodeFrame frame;
  v1::Hello* hello = frame.mutable_hello();
  hello->set_protocol_version(1);
  hello->set_features(v1::FEATURE_SPLICE | v1::FEATURE_INVALIDATE);
  hello->set_app("shop");
  hello->set_node_name("web-1");
  hello->set_incarnation(Count16(0x10));
  hello->set_history_id(Count16(0x40));
  hello->set_known_before(true);
  return frame;
}

v1::NodeFrame NewLeaseFrame() {
  v1::NodeFrame frame = HelloFrame();
  frame.mutable_hello()->set_new_lease(true);
  return frame;
}

v1::NodeFrame OpenFrame() {
  v1::NodeFrame frame;
  v1::Open* open = frame.add_opens();
  open->set_request(1);
  open->set_id("session-1");
  open->set_create(v1::CREATE_IF_MISSING);
  open->mutable_new_session()->set_idle_timeout_ms(1'800'000);
  open->mutable_new_session()->set_absolute_timeout_ms(86'400'000);
  open->mutable_new_session()->set_owner("user-7");
  open = frame.add_opens();
  open->set_request(2);
  open->set_id("session-2");
  open->set_create(v1::CREATE_EXCLUSIVE);
  open->set_number(MakeSessionNumber(53, 9));
  open->set_version(300);
  open->set_mode(v1::INTEREST_INVALIDATE);
  return frame;
}

v1::NodeFrame ResumeFrame() {
  v1::NodeFrame frame;
  v1::Resume* resume = frame.add_resumes();
  resume->set_handle(3);
  resume->set_version(41);
  frame.add_closes(5);
  frame.add_closes(300);
  frame.set_answers_seen_through(1000);
  return frame;
}

// Every operation, on one session that is named by its handle.
std::vector<Operation> EveryOperation() {
  return {{Kind::kPut, P("cart/last"), "85123A"},
          {Kind::kPut, P("cart/last"), Value::Bytes(std::string("\0\xff", 2))},
          {Kind::kPut, P("cart/count"), -3},
          {Kind::kPut, P("cart/total"), 12.5},
          {Kind::kPut, P("cart/open"), true},
          {Kind::kPut, P("cart/open"), false},
          {Kind::kPut, P("cart/note"), Value::Null()},
          {Kind::kPut, P("cart/tags"), Value::Json("[\"a\",{}]")},
          {Kind::kErase, P("cart/note"), {}},
          {Kind::kEraseSubtree, P("cart/items/85123A"), {}},
          {Kind::kIncrement, P("cart/items/22423/qty"), 2},
          {Kind::kIncrement, P("cart/total"), -0.25}};
}

// Puts at one path are sent by number 1, all others inline.
const Path& NumberedPath() {
  static const Path* const kPath = new Path(P("cart/last"));
  return *kPath;
}

v1::NodeFrame DeltasFrame() {
  v1::NodeFrame frame;
  v1::PathDefinition* definition = frame.add_paths();
  definition->set_number(1);
  definition->set_path(NumberedPath().ToText());
  frame.set_first_seq(17);
  v1::Delta* delta = frame.add_deltas();
  delta->set_handle(3);
  for (const Operation& operation : EveryOperation()) {
    EncodeOp(
        operation, [](const Path& path) { return path == NumberedPath() ? 1 : 0; },
        delta->add_ops());
  }
  delta = frame.add_deltas();
  delta->set_number(MakeSessionNumber(40, 7));
  delta->set_delete_session(true);
  return frame;
}

bool DeltasReadBack(const std::string& bytes) {
  v1::NodeFrame frame;
  if (!frame.ParseFromString(bytes) || frame.deltas_size() != 2 || frame.first_seq() != 17) {
    return false;
  }
  const FindPath find_path = [](uint32_t number) {
    return number == 1 ? &NumberedPath() : nullptr;
  };
  const absl::StatusOr<Delta> first = DecodeDelta(frame.deltas(0), find_path, 0);
  const absl::StatusOr<Delta> second = DecodeDelta(frame.deltas(1), find_path, 0);
  return first.ok() && *first == Delta{EveryOperation()} && second.ok() &&
         *second == Delta{{}, true} && frame.deltas(0).handle() == 3 &&
         frame.deltas(1).number() == MakeSessionNumber(40, 7);
}

// What is in the schema and not offered yet keeps its bytes too.
v1::NodeFrame ReservedFrame() {
  v1::NodeFrame frame;
  frame.set_first_seq(1);
  v1::Delta* delta = frame.add_deltas();
  delta->set_handle(1);
  delta->set_if_version(12);
  delta->set_after_previous(true);
  delta->set_delivered(true);
  delta->add_conditions()->set_absent(true);
  delta->mutable_conditions(0)->set_path("lock");
  delta->add_conditions()->set_unchanged_since(11);
  delta->mutable_conditions(1)->set_path_number(2);
  delta->set_received(true);
  delta->set_lock_token(7);
  delta->mutable_settings()->set_idle_timeout_ms(1'800'000);
  delta->mutable_settings()->set_absolute_timeout_ms(86'400'000);
  delta->mutable_settings()->set_owner("ada");
  v1::Op* op = delta->add_ops();
  op->set_path("page");
  op->mutable_splice()->set_offset(10);
  op->mutable_splice()->set_remove_bytes(4);
  op->mutable_splice()->set_insert("new");
  op->mutable_splice()->set_base_bytes(400);
  op->mutable_splice()->set_base_xxh3_64(0x0123456789abcdef);
  return frame;
}

v1::NodeFrame NodeRequestsFrame() {
  v1::NodeFrame frame;
  frame.add_touches()->set_handle(3);
  frame.mutable_touches(0)->set_ago_ms(1'500);
  v1::Rename* rename = frame.add_renames();
  rename->set_request(9);
  rename->set_number(0x0102030405);
  rename->set_new_id("after-login");
  rename->set_old_id("guest");
  rename->set_alias_ms(2'000);
  v1::LockRequest* lock = frame.add_locks();
  lock->set_request(10);
  lock->set_handle(3);
  lock->set_lease_ms(30'000);
  lock->set_wait_ms(500);
  lock->set_token(7);
  frame.add_unlocks()->set_handle(3);
  frame.mutable_unlocks(0)->set_token(7);
  frame.add_receipts()->set_handle(3);
  frame.mutable_receipts(0)->set_version(41);
  return frame;
}

v1::NodeFrame LocksFrame() {
  v1::NodeFrame frame;
  v1::LockRequest* lock = frame.add_locks();
  lock->set_request(10);
  lock->set_number(0x0102030405);
  lock->set_lease_ms(30'000);
  lock->set_wait_ms(500);
  frame.add_unlocks()->set_number(0x0102030405);
  frame.mutable_unlocks(0)->set_token(7);
  return frame;
}

// The shape that the budget of bytes is about: a 16-byte put by number.
v1::NodeFrame SmallFrame() {
  v1::NodeFrame frame;
  frame.set_first_seq(18);
  v1::Delta* delta = frame.add_deltas();
  delta->set_handle(3);
  EncodeOp(
      {Kind::kPut, NumberedPath(), "sixteen bytes ok"}, [](const Path&) { return 1; },
      delta->add_ops());
  return frame;
}

}  // namespace

std::vector<GoldenCase> NodeFrameCases() {
  GoldenCase deltas = MessageCase(
      "node_deltas", "NodeFrame: deltas from 17, every operation, then a deletion", DeltasFrame());
  deltas.reads_back = DeltasReadBack;
  return {MessageCase("node_heartbeat", "NodeFrame: empty", v1::NodeFrame()),
          MessageCase("node_hello", "NodeFrame: hello", HelloFrame()),
          MessageCase("node_hello_new_lease", "NodeFrame: hello that asks for a new lease",
                      NewLeaseFrame()),
          MessageCase("node_open", "NodeFrame: two opens", OpenFrame()),
          MessageCase("node_resume", "NodeFrame: resume, closes, answers seen", ResumeFrame()),
          std::move(deltas),
          MessageCase("node_reserved", "NodeFrame: what later features use", ReservedFrame()),
          MessageCase("node_requests", "NodeFrame: touch, rename, lock, unlock, receipt",
                      NodeRequestsFrame()),
          MessageCase("node_locks", "NodeFrame: lock and unlock by number", LocksFrame()),
          MessageCase("node_small", "NodeFrame: one put of 16 bytes by number", SmallFrame())};
}

}  // namespace sessionhub::testing
