#include "tests/support/raw_node.h"

#include <chrono>
#include <utility>

#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

constexpr int kMessageBytesMax = 64 << 20;

std::chrono::system_clock::time_point Deadline() {
  return std::chrono::system_clock::now() + kPatience;
}

void Prepare(grpc::ClientContext* context) {
  context->set_wait_for_ready(true);
  context->set_deadline(Deadline());
}

}  // namespace

std::shared_ptr<grpc::Channel> NewChannel(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(kMessageBytesMax);
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  return grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
}

RawNode::RawNode(const std::string& endpoint, std::string app, std::string name, char incarnation,
                 const std::string& token)
    : app_(std::move(app)),
      name_(std::move(name)),
      incarnation_(16, incarnation),
      stub_(v1::Hub::NewStub(NewChannel(endpoint))) {
  Prepare(&context_);
  if (!token.empty()) context_.AddMetadata("authorization", "Bearer " + token);
  stream_ = stub_->Attach(&context_);
}

RawNode::~RawNode() {
  if (finished_) return;
  context_.TryCancel();
  Finish();
}

v1::Hello RawNode::MakeHello() const {
  v1::Hello hello;
  hello.set_protocol_version(1);
  hello.set_app(app_);
  hello.set_node_name(name_);
  hello.set_incarnation(incarnation_);
  return hello;
}

v1::HubFrame RawNode::Attach() {
  v1::NodeFrame frame;
  *frame.mutable_hello() = MakeHello();
  Send(frame);
  return Receive().value_or(v1::HubFrame());
}

bool RawNode::Send(const v1::NodeFrame& frame) {
  return stream_->Write(frame);
}

std::optional<v1::HubFrame> RawNode::Receive() {
  v1::HubFrame frame;
  while (stream_->Read(&frame)) {
    if (frame.has_goodbye()) farewell_ = frame.goodbye();
    if (frame.ByteSizeLong() > 0) return frame;
  }
  return std::nullopt;
}

std::optional<v1::Item> RawNode::ReceiveItem() {
  while (items_.empty()) {
    const std::optional<v1::HubFrame> frame = Receive();
    if (!frame) return std::nullopt;
    items_.insert(items_.end(), frame->items().begin(), frame->items().end());
  }
  v1::Item item = std::move(items_.front());
  items_.pop_front();
  return item;
}

v1::Item RawNode::Open(const std::string& id, v1::CreateMode create) {
  v1::NodeFrame frame;
  v1::Open* open = frame.add_opens();
  open->set_request(++request_);
  open->set_id(id);
  open->set_create(create);
  Send(frame);
  v1::Item opened;
  while (std::optional<v1::Item> item = ReceiveItem()) {
    if (item->has_opened() && item->opened().request() == request_) opened = *item;
    if (opened.opened().has_refused()) break;
    if (item->has_catch_up() && item->handle() == opened.handle() && !item->catch_up().more()) {
      break;
    }
  }
  return opened;
}

v1::Item RawNode::Commit(v1::Delta delta) {
  v1::NodeFrame frame;
  frame.set_first_seq(++seq_);
  *frame.add_deltas() = std::move(delta);
  Send(frame);
  while (std::optional<v1::Item> item = ReceiveItem()) {
    if (item->handle() == 0 && !item->has_opened()) return *item;
  }
  return v1::Item();
}

v1::Goodbye RawNode::Farewell() {
  while (Receive()) continue;
  return farewell_;
}

grpc::Status RawNode::Finish() {
  while (Receive()) continue;
  finished_ = true;
  return stream_->Finish();
}

HubProbe::HubProbe(const std::string& endpoint) : stub_(v1::Admin::NewStub(NewChannel(endpoint))) {}

v1::GetStatusResponse HubProbe::Status() {
  grpc::ClientContext context;
  Prepare(&context);
  v1::GetStatusResponse response;
  stub_->GetStatus(&context, {}, &response);
  return response;
}

v1::GetSessionResponse HubProbe::Session(const std::string& app, const std::string& id) {
  grpc::ClientContext context;
  Prepare(&context);
  v1::GetSessionRequest request;
  request.set_app(app);
  request.set_id(id);
  v1::GetSessionResponse response;
  stub_->GetSession(&context, request, &response);
  return response;
}

std::optional<int64_t> HubProbe::Integer(const std::string& app, const std::string& id,
                                         const std::string& path) {
  const v1::GetSessionResponse session = Session(app, id);
  for (const v1::Op& op : session.fields()) {
    if (op.path() == path && op.operation_case() == v1::Op::kPutInt) return op.put_int();
  }
  return std::nullopt;
}

v1::Node HubProbe::Node(const std::string& name) {
  grpc::ClientContext context;
  Prepare(&context);
  v1::ListNodesResponse response;
  stub_->ListNodes(&context, {}, &response);
  for (const v1::Node& node : response.nodes()) {
    if (node.name() == name) return node;
  }
  return v1::Node();
}

grpc::Status HubProbe::Delete(const std::string& app, const std::string& id) {
  grpc::ClientContext context;
  Prepare(&context);
  v1::DeleteSessionRequest request;
  request.set_app(app);
  request.set_id(id);
  v1::DeleteSessionResponse response;
  return stub_->DeleteSession(&context, request, &response);
}

v1::Op PutString(const std::string& path, const std::string& value) {
  v1::Op op;
  op.set_path(path);
  op.set_put_string(value);
  return op;
}

v1::Op IncrementInt(const std::string& path, int64_t by) {
  v1::Op op;
  op.set_path(path);
  op.set_increment_int(by);
  return op;
}

v1::Delta DeltaOn(uint64_t number, const v1::Op& op) {
  v1::Delta delta;
  delta.set_number(number);
  *delta.add_ops() = op;
  return delta;
}

}  // namespace sessionhub::testing
