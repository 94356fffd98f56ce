#include "bench/replay/hub_frames.h"

#include <google/protobuf/io/coded_stream.h>

#include "proto/session/limits.h"
#include "proto/session/wire.h"

namespace sessionhub::bench {
namespace {

using google::protobuf::io::CodedOutputStream;

// A field of wire type 2 whose tag is one byte, as all of these are.
size_t TaggedBytes(size_t content_bytes) {
  return 1 + CodedOutputStream::VarintSize64(content_bytes) + content_bytes;
}

// Past the bound of a stream, and of the hub's table, paths go inline.
uint32_t NumberOnWire(uint32_t path) {
  return path < Limits().path_definitions_max ? path + 1 : 0;
}

void FillPut(const PathBook& book, const FieldChange& change, v1::Op* op) {
  EncodeOp(
      {Operation::Kind::kPut, book.at(change.path).path, change.value},
      [&change](const Path&) { return NumberOnWire(change.path); }, op);
}

void FillOp(const PathBook& book, const FieldChange& change, v1::Op* op) {
  if (!change.counts) return FillPut(book, change, op);
  EncodeOp(
      {Operation::Kind::kIncrement, book.at(change.path).path, Value(1)},
      [&change](const Path&) { return NumberOnWire(change.path); }, op);
}

}  // namespace

size_t CatchUpOpBytes(const PathBook& book, const FieldChange& field) {
  v1::Op op;
  FillPut(book, field, &op);
  return TaggedBytes(op.ByteSizeLong());
}

void FillChanges(const PathBook& book, const std::vector<FieldChange>& changes,
                 v1::Changes* forwarded) {
  for (const FieldChange& change : changes) FillPut(book, change, forwarded->add_ops());
}

void DefinedPaths::Define(const PathBook& book, uint32_t path,
                          google::protobuf::RepeatedPtrField<v1::PathDefinition>* definitions) {
  const uint32_t number = NumberOnWire(path);
  if (number == 0) return;
  if (defined_.size() <= path) defined_.resize(path + 1);
  if (defined_[path]) return;
  defined_[path] = true;
  v1::PathDefinition* definition = definitions->Add();
  definition->set_number(number);
  definition->set_path(book.at(path).text);
}

void HubStream::TellSeen(v1::NodeFrame* frame) {
  if (answered_seq_ == told_seen_seq_) return;
  frame->set_answers_seen_through(answered_seq_);
  told_seen_seq_ = answered_seq_;
}

v1::NodeFrame HubStream::Open(const std::string& id, bool creates, bool invalidates) {
  v1::NodeFrame frame;
  v1::Open* open = frame.add_opens();
  open->set_request(++request_);
  open->set_id(id);
  open->set_create(creates ? v1::CREATE_IF_MISSING : v1::CREATE_NEVER);
  if (invalidates) open->set_mode(v1::INTEREST_INVALIDATE);
  if (creates) open->mutable_new_session()->set_idle_timeout_ms(idle_timeout_ms_);
  TellSeen(&frame);
  return frame;
}

v1::NodeFrame HubStream::Commit(uint32_t handle, const std::vector<FieldChange>& changes) {
  v1::NodeFrame frame;
  frame.set_first_seq(++seq_);
  v1::Delta* delta = frame.add_deltas();
  delta->set_handle(handle);
  for (const FieldChange& change : changes) {
    by_node_.Define(book_, change.path, frame.mutable_paths());
    FillOp(book_, change, delta->add_ops());
  }
  TellSeen(&frame);
  return frame;
}

v1::NodeFrame HubStream::Reopen(const std::string& id, SessionNumber number, Version version) {
  v1::NodeFrame frame = Open(id, /*creates=*/false, /*invalidates=*/true);
  frame.mutable_opens(0)->set_number(number);
  frame.mutable_opens(0)->set_version(version);
  return frame;
}

v1::NodeFrame HubStream::Close(uint32_t handle) {
  v1::NodeFrame frame;
  frame.add_closes(handle);
  TellSeen(&frame);
  return frame;
}

v1::Touch HubStream::Touch(uint32_t handle, uint64_t ago_ms) {
  v1::Touch touch;
  touch.set_handle(handle);
  touch.set_ago_ms(ago_ms);
  return touch;
}

v1::Item HubStream::Opened(uint32_t handle, SessionNumber number, bool created) const {
  v1::Item item;
  item.set_handle(handle);
  v1::Opened* opened = item.mutable_opened();
  opened->set_request(request_);
  opened->set_number(number);
  opened->set_created(created);
  return item;
}

v1::HubFrame HubStream::Applied(Version from) {
  v1::HubFrame frame;
  frame.add_items()->set_from(from);
  answered_seq_ = seq_;
  return frame;
}

v1::HubFrame HubStream::Forward(uint32_t handle, Version from,
                                const std::vector<FieldChange>& changes) {
  v1::HubFrame frame;
  for (const FieldChange& change : changes) {
    by_hub_.Define(book_, change.path, frame.mutable_paths());
  }
  v1::Item* item = frame.add_items();
  item->set_handle(handle);
  item->set_from(from);
  FillChanges(book_, changes, item->mutable_changes());
  return frame;
}

v1::HubFrame HubStream::Invalidated(uint32_t handle, Version from) {
  v1::HubFrame frame;
  v1::Item* item = frame.add_items();
  item->set_handle(handle);
  item->set_from(from);
  item->set_invalidated(true);
  return frame;
}

v1::HubFrame HubStream::Ended(uint32_t handle) {
  v1::HubFrame frame;
  v1::Item* item = frame.add_items();
  item->set_handle(handle);
  item->mutable_ended()->set_why(v1::Ended::EXPIRED);
  return frame;
}

size_t HubStream::CatchUpFrameBytes(uint32_t handle, const SessionImage& image, Version since,
                                    uint64_t included_seq, const v1::Item& opened) {
  v1::HubFrame frame;  // but for the catch-up
  *frame.add_items() = opened;
  size_t ops_bytes = 0;
  for (const SessionImage::Field& field : image.fields()) {
    if (field.version <= since) continue;
    ops_bytes += field.op_bytes;
    by_hub_.Define(book_, field.path, frame.mutable_paths());
  }
  v1::CatchUp head;
  head.set_replace(since == 0);
  head.set_included_seq(included_seq);
  head.set_first(true);
  head.set_idle_timeout_ms(idle_timeout_ms_);
  v1::Item item;
  item.set_handle(handle);
  item.set_from(since);
  item.set_span(image.version() - since);
  return frame.ByteSizeLong() +
         TaggedBytes(item.ByteSizeLong() + TaggedBytes(head.ByteSizeLong() + ops_bytes));
}

}  // namespace sessionhub::bench
