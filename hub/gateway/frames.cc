#include "hub/gateway/frames.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <variant>

namespace sessionhub::hub {
namespace {

using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

// Wire type 2 of the Protobuf encoding: a length, then that many bytes.
constexpr uint32_t LengthDelimitedTag(int field_number) {
  return static_cast<uint32_t>(field_number) << 3 | 2;
}

void AppendField(int field_number, const std::string& bytes, std::string* out) {
  StringOutputStream stream(out);
  CodedOutputStream coded(&stream);
  coded.WriteVarint32(LengthDelimitedTag(field_number));
  coded.WriteVarint32(static_cast<uint32_t>(bytes.size()));
  coded.WriteString(bytes);
}

void AppendItem(const v1::Item& item, std::string* frame) {
  AppendField(v1::HubFrame::kItemsFieldNumber, item.SerializeAsString(), frame);
}

// An item whose body is already encoded: the small head, then the shared bytes.
void AppendItemWithBody(const v1::Item& head, int body_field, const std::string& body,
                        std::string* frame) {
  std::string item = head.SerializeAsString();
  AppendField(body_field, body, &item);
  AppendField(v1::HubFrame::kItemsFieldNumber, item, frame);
}

void SetRefused(const Refusal& refusal, v1::Refused* refused) {
  refused->set_reason(refusal.reason);
  refused->set_message(refusal.message);
}

}  // namespace

std::string FrameEncoder::Encode(const std::vector<OutboxItem>& items, uint64_t received_through) {
  std::string frame;
  for (const OutboxItem& item : items) {
    if (const auto* forward = std::get_if<ForwardItem>(&item)) {
      Define(forward->changes->paths, &frame);
    } else if (const auto* catch_up = std::get_if<CatchUpItem>(&item)) {
      Define(catch_up->catch_up->paths, &frame);
    }
  }
  for (const OutboxItem& item : items) {
    std::visit([&](const auto& one) { EncodeItem(one, &frame); }, item);
  }
  if (received_through != 0) {
    v1::HubFrame received;
    received.set_received_through(received_through);
    received.AppendToString(&frame);
  }
  return frame;
}

void FrameEncoder::Define(const std::vector<const PathNumber*>& paths, std::string* definitions) {
  for (const PathNumber* path : paths) {
    if (!defined_.insert(path->number).second) continue;
    v1::PathDefinition definition;
    definition.set_number(path->number);
    definition.set_path(path->text);
    AppendField(v1::HubFrame::kPathsFieldNumber, definition.SerializeAsString(), definitions);
  }
}

void FrameEncoder::EncodeItem(const AnswerItem& item, std::string* frame) {
  v1::Item wire;
  if (item.seq != last_answered_seq_ + 1) wire.set_seq(item.seq);
  last_answered_seq_ = item.seq;
  switch (item.kind) {
    case AnswerItem::Kind::kApplied:
      wire.set_from(item.from);
      if (item.to != item.from + 1) wire.set_span(item.to - item.from);
      break;
    case AnswerItem::Kind::kAlready:
      wire.set_from(item.from);
      wire.set_already(true);
      break;
    case AnswerItem::Kind::kRefused:
      SetRefused(item.refusal, wire.mutable_refused());
      break;
  }
  AppendItem(wire, frame);
}

void FrameEncoder::EncodeItem(const OpenedItem& item, std::string* frame) {
  v1::Item wire;
  wire.set_handle(item.handle);
  v1::Opened* opened = wire.mutable_opened();
  opened->set_request(item.request);
  opened->set_number(item.number);
  opened->set_created(item.created);
  if (item.handle == 0) SetRefused(item.refusal, opened->mutable_refused());
  AppendItem(wire, frame);
}

void FrameEncoder::EncodeItem(const ForwardItem& item, std::string* frame) {
  v1::Item head;
  head.set_handle(item.handle);
  head.set_from(item.from);
  if (item.to != item.from + 1) head.set_span(item.to - item.from);
  if (item.receipt) head.set_receipt(true);
  AppendItemWithBody(head, v1::Item::kChangesFieldNumber, item.changes->bytes, frame);
}

void FrameEncoder::EncodeItem(const CatchUpItem& item, std::string* frame) {
  v1::Item head;
  head.set_handle(item.handle);
  head.set_from(item.from);
  head.set_span(item.to - item.from);
  if (item.receipt) head.set_receipt(true);
  AppendItemWithBody(head, v1::Item::kCatchUpFieldNumber, item.catch_up->bytes, frame);
}

void FrameEncoder::EncodeItem(const InvalidatedItem& item, std::string* frame) {
  v1::Item wire;
  wire.set_handle(item.handle);
  wire.set_from(item.from);
  if (item.to != item.from + 1) wire.set_span(item.to - item.from);
  wire.set_invalidated(true);
  wire.set_receipt(item.receipt);
  AppendItem(wire, frame);
}

void FrameEncoder::EncodeItem(const EndedItem& item, std::string* frame) {
  v1::Item wire;
  wire.set_handle(item.handle);
  wire.mutable_ended()->set_why(item.why);
  wire.set_receipt(item.receipt);
  AppendItem(wire, frame);
}

void FrameEncoder::EncodeItem(const DeliveredItem& item, std::string* frame) {
  v1::Item wire;
  wire.set_seq(item.seq);
  v1::Delivered* delivered = wire.mutable_delivered();
  for (const std::string& name : item.missing) delivered->add_missing_nodes(name);
  delivered->set_unknown(item.unknown);
  AppendItem(wire, frame);
}

void FrameEncoder::EncodeItem(const RequestAnswerItem& item, std::string* frame) {
  v1::Item wire;
  wire.mutable_answer()->set_request(item.request);
  wire.mutable_answer()->set_lock_token(item.lock_token);
  wire.mutable_answer()->set_version(item.version);
  if (item.refusal.reason != v1::REFUSAL_UNSPECIFIED) {
    SetRefused(item.refusal, wire.mutable_answer()->mutable_refused());
  }
  AppendItem(wire, frame);
}

void FrameEncoder::EncodeItem(const RenamedItem& item, std::string* frame) {
  v1::Item wire;
  wire.set_handle(item.handle);
  wire.mutable_renamed()->set_id(item.id);
  AppendItem(wire, frame);
}

}  // namespace sessionhub::hub
