#include <string>
#include <vector>

#include "proto/session/wire.h"
#include "sessionhub/v1/frames.pb.h"
#include "tests/golden/golden_case.h"
#include "tests/support/paths.h"

namespace sessionhub::testing {
namespace {

using Kind = Operation::Kind;

uint32_t Inline(const Path&) {
  return 0;
}

// Not the defaults of today: these bytes are those of a hub of yesterday.
Limits SmallerLimits() {
  Limits limits;
  limits.value_bytes_max = 256 << 10;
  limits.delta_bytes_max = 512 << 10;
  limits.session_bytes_max = 1 << 20;
  limits.frame_bytes_max = 1 << 20;
  return limits;
}

v1::HubFrame AttachedFrame() {
  v1::HubFrame frame;
  v1::Attached* attached = frame.mutable_attached();
  attached->set_protocol_version(1);
  attached->set_features(v1::FEATURE_CONDITIONS | v1::FEATURE_AFTER_PREVIOUS |
                         v1::FEATURE_DELIVERED);
  attached->set_history_id("0123456789abcdef");
  attached->set_lease_held(true);
  attached->set_incarnation_ended(true);
  EncodeLimits(SmallerLimits(), attached->mutable_limits());
  attached->set_lease_ms(30'000);
  attached->set_heartbeat_ms(10'000);
  return frame;
}

v1::HubFrame ItemFrame(const v1::Item& item) {
  v1::HubFrame frame;
  *frame.add_items() = item;
  return frame;
}

v1::Item At(uint32_t handle, uint64_t from, uint64_t span) {
  v1::Item item;
  item.set_handle(handle);
  item.set_from(from);
  item.set_span(span);
  return item;
}

v1::HubFrame AckFrame() {
  v1::HubFrame frame = ItemFrame(At(0, 41, 0));
  frame.mutable_items(0)->set_seq(17);
  *frame.add_items() = At(0, 42, 0);  // seq 18 is implied
  return frame;
}

v1::HubFrame AlreadyFrame() {
  v1::Item item = At(0, 42, 0);
  item.set_seq(17);
  item.set_already(true);
  return ItemFrame(item);
}

v1::HubFrame ForwardFrame() {
  v1::Item item = At(3, 41, 0);
  v1::Changes* changes = item.mutable_changes();
  changes->add_ops()->set_path_number(1);
  EncodePut("85123A", changes->mutable_ops(0));
  EncodeOp({Kind::kErase, P("cart/note"), {}}, Inline, changes->add_ops());
  EncodeOp({Kind::kEraseSubtree, P("cart/items/22423"), {}}, Inline, changes->add_ops());
  v1::HubFrame frame = ItemFrame(item);
  v1::PathDefinition* definition = frame.add_paths();
  definition->set_number(1);
  definition->set_path("cart/last");
  return frame;
}

v1::HubFrame SpliceFrame() {
  v1::Item item = At(3, 41, 0);
  EncodeOp(MakeSplice(P("page"), std::string(400, 'x'), 10, 4, "new"), Inline,
           item.mutable_changes()->add_ops());
  return ItemFrame(item);
}

v1::HubFrame RefusedFrame() {
  v1::HubFrame frame;
  for (int reason = v1::INVALID_ARGUMENT; reason <= v1::UNKNOWN_HANDLE; ++reason) {
    v1::Item* item = frame.add_items();
    item->set_seq(static_cast<uint64_t>(reason));
    item->mutable_refused()->set_reason(static_cast<v1::RefusalReason>(reason));
    item->mutable_refused()->set_message("why");
  }
  return frame;
}

v1::HubFrame OpenedFrame() {
  v1::HubFrame frame = ItemFrame(At(3, 0, 0));
  v1::Opened* opened = frame.mutable_items(0)->mutable_opened();
  opened->set_request(1);
  opened->set_number(MakeSessionNumber(40, 7));
  opened->set_created(true);
  opened = frame.add_items()->mutable_opened();
  opened->set_request(2);
  opened->mutable_refused()->set_reason(v1::NOT_FOUND);
  return frame;
}

v1::HubFrame CatchUpFrame() {
  v1::HubFrame frame = ItemFrame(At(3, 0, 40));
  v1::CatchUp* catch_up = frame.mutable_items(0)->mutable_catch_up();
  catch_up->set_replace(true);
  catch_up->set_included_seq(16);
  catch_up->set_more(true);
  EncodeOp({Kind::kPut, P("cart/total"), 12.5}, Inline, catch_up->add_ops());
  *frame.add_items() = At(3, 40, 2);
  catch_up = frame.mutable_items(1)->mutable_catch_up();
  EncodeOp({Kind::kErase, P("cart/total"), {}}, Inline, catch_up->add_ops());
  return frame;
}

v1::HubFrame EndedFrame() {
  v1::HubFrame frame;
  for (int why = v1::Ended::DELETED; why <= v1::Ended::UNKNOWN; ++why) {
    v1::Item* item = frame.add_items();
    item->set_handle(3);
    item->mutable_ended()->set_why(static_cast<v1::Ended::Why>(why));
  }
  return frame;
}

v1::HubFrame InvalidatedFrame() {
  v1::Item item = At(3, 41, 5);
  item.set_invalidated(true);
  return ItemFrame(item);
}

v1::HubFrame AnswersFrame() {
  v1::HubFrame frame;
  frame.set_received_through(18);
  v1::Answer* answer = frame.add_items()->mutable_answer();
  answer->set_request(10);
  answer->set_lock_token(7);
  answer = frame.add_items()->mutable_answer();
  answer->set_request(9);
  answer->mutable_refused()->set_reason(v1::ALREADY_EXISTS);
  v1::Item* item = frame.add_items();
  item->set_handle(3);
  item->mutable_renamed()->set_id("after-login");
  item->set_receipt(true);
  item = frame.add_items();
  item->set_seq(18);
  item->mutable_delivered()->add_missing_nodes("web-2");
  item->mutable_delivered()->set_unknown(true);
  return frame;
}

v1::HubFrame GrowthWaitsFrame() {
  v1::HubFrame frame;
  frame.set_growth_waits("free space");
  return frame;
}

v1::HubFrame LockedFrame() {
  v1::HubFrame frame;
  v1::Answer* answer = frame.add_items()->mutable_answer();
  answer->set_request(10);
  answer->set_lock_token(7);
  answer->set_version(42);
  answer = frame.add_items()->mutable_answer();
  answer->set_request(11);
  answer->mutable_refused()->set_reason(v1::LOCKED);
  return frame;
}

v1::HubFrame GoodbyeFrame(v1::Goodbye::Why why) {
  v1::HubFrame frame;
  frame.mutable_goodbye()->set_why(why);
  frame.mutable_goodbye()->set_message("see you");
  return frame;
}

}  // namespace

std::vector<GoldenCase> HubFrameCases() {
  std::vector<GoldenCase> cases = {
      MessageCase("hub_heartbeat", "HubFrame: empty", v1::HubFrame()),
      MessageCase("hub_attached", "HubFrame: attached, with limits", AttachedFrame()),
      MessageCase("hub_ack", "HubFrame: acks of deltas 17 and 18", AckFrame()),
      MessageCase("hub_already", "HubFrame: delta 17 was applied already", AlreadyFrame()),
      MessageCase("hub_forward", "HubFrame: a forward with each of its operations", ForwardFrame()),
      MessageCase("hub_forward_splice", "HubFrame: a forward of a splice of 400 bytes x",
                  SpliceFrame()),
      MessageCase("hub_refused", "HubFrame: a refusal for each reason", RefusedFrame()),
      MessageCase("hub_opened", "HubFrame: one opened, one refused", OpenedFrame()),
      MessageCase("hub_catch_up", "HubFrame: a catch-up of two items", CatchUpFrame()),
      MessageCase("hub_ended", "HubFrame: the end of a session, for each reason", EndedFrame()),
      MessageCase("hub_growth_waits", "HubFrame: why growth waits", GrowthWaitsFrame()),
      MessageCase("hub_locked", "HubFrame: a lock that is granted, and one that is not",
                  LockedFrame()),
      MessageCase("hub_requests", "HubFrame: received, answers, renamed, delivered",
                  AnswersFrame()),
      MessageCase("hub_invalidated", "HubFrame: the session is 5 versions on", InvalidatedFrame())};
  const auto* whys = v1::Goodbye::Why_descriptor();
  for (int i = 1; i < whys->value_count(); ++i) {
    const std::string& why = whys->value(i)->name();
    cases.push_back(
        MessageCase("hub_goodbye_" + why, "HubFrame: goodbye, " + why,
                    GoodbyeFrame(static_cast<v1::Goodbye::Why>(whys->value(i)->number()))));
  }
  return cases;
}

}  // namespace sessionhub::testing
