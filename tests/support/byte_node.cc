#include "tests/support/byte_node.h"

#include <chrono>
#include <vector>

#include "tests/support/raw_node.h"
#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

// One operation at a time, so that one tag will do.
void* const kTag = nullptr;

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

ByteNode::ByteNode(const std::string& endpoint) : stub_(NewChannel(endpoint)) {
  context_.set_wait_for_ready(true);
  context_.set_deadline(std::chrono::system_clock::now() + kPatience);
  stream_ = stub_.PrepareCall(&context_, "/sessionhub.v1.Hub/Attach", &queue_);
  stream_->StartCall(kTag);
  Await();
}

ByteNode::~ByteNode() {
  context_.TryCancel();
  grpc::Status status;
  stream_->Finish(&status, kTag);
  Await();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) continue;
}

bool ByteNode::Await() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

bool ByteNode::Send(const std::string& frame) {
  const grpc::Slice slice(frame);
  stream_->Write(grpc::ByteBuffer(&slice, 1), kTag);
  return Await();
}

std::optional<std::string> ByteNode::Receive() {
  grpc::ByteBuffer buffer;
  stream_->Read(&buffer, kTag);
  if (!Await()) return std::nullopt;
  return ToString(buffer);
}

bool ByteNode::Leave() {
  stream_->WritesDone(kTag);
  return Await();
}

}  // namespace sessionhub::testing
