#include "tests/support/scripted_hub.h"

#include <chrono>
#include <optional>

namespace sessionhub::testing {

ScriptedHub::ScriptedHub(int port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                           &port_);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

ScriptedHub::~ScriptedHub() {
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
}

void ScriptedHub::HoldAnswers() {
  absl::MutexLock lock(&mutex_);
  hold_ = true;
}

void ScriptedHub::Release() {
  absl::MutexLock lock(&mutex_);
  hold_ = false;
  SendAll();
}

void ScriptedHub::CutAll() {
  absl::MutexLock lock(&mutex_);
  for (auto& [number, connection] : connections_) {
    model_.Cut(number);
    connection.context->TryCancel();
  }
}

void ScriptedHub::SayGoodbye(v1::Goodbye::Why why) {
  absl::MutexLock lock(&mutex_);
  goodbye_ = why;
  for (auto& [number, connection] : connections_) SendGoodbye(connection);
}

void ScriptedHub::SendGoodbye(const Connection& connection) {
  v1::HubFrame frame;
  frame.mutable_goodbye()->set_why(goodbye_);
  connection.stream->Write(frame);
}

void ScriptedHub::WaitUntil(const std::function<bool(const ModelHub&)>& condition) {
  absl::MutexLock lock(&mutex_);
  while (!condition(model_)) changed_.Wait(&mutex_);
}

void ScriptedHub::Change(const std::function<void(ModelHub*)>& change) {
  absl::MutexLock lock(&mutex_);
  change(&model_);
  SendAll();
}

std::vector<uint64_t> ScriptedHub::SeqsReceived() {
  absl::MutexLock lock(&mutex_);
  return seqs_;
}

std::vector<size_t> ScriptedHub::DeltaFrameBytes() {
  absl::MutexLock lock(&mutex_);
  return delta_frame_bytes_;
}

size_t ScriptedHub::attaches() {
  absl::MutexLock lock(&mutex_);
  return static_cast<size_t>(last_connection_);
}

void ScriptedHub::SendAll() {
  if (hold_) return;
  for (auto& [number, connection] : connections_) {
    while (std::optional<v1::HubFrame> frame = model_.Take(number))
      connection.stream->Write(*frame);
  }
}

grpc::Status ScriptedHub::Attach(grpc::ServerContext* context,
                                 grpc::ServerReaderWriter<v1::HubFrame, v1::NodeFrame>* stream) {
  int number = 0;
  {
    absl::MutexLock lock(&mutex_);
    number = ++last_connection_;
    connections_[number] = {context, stream};
    model_.Connect(number);
    if (goodbye_ != v1::Goodbye::WHY_UNSPECIFIED) SendGoodbye(connections_[number]);
  }
  v1::NodeFrame frame;
  while (stream->Read(&frame)) {
    absl::MutexLock lock(&mutex_);
    if (frame.deltas_size() > 0) delta_frame_bytes_.push_back(frame.ByteSizeLong());
    for (int i = 0; i < frame.deltas_size(); ++i) {
      seqs_.push_back(frame.first_seq() + static_cast<uint64_t>(i));
    }
    model_.Receive(number, frame);
    SendAll();
    changed_.SignalAll();
  }
  absl::MutexLock lock(&mutex_);
  model_.Cut(number);
  connections_.erase(number);
  return grpc::Status::OK;
}

}  // namespace sessionhub::testing
