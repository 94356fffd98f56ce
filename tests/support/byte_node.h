// ByteNode: one Attach stream as bytes, so that what an older client has once sent can be sent
// again as it was, whatever the schema of today is.
//
// Belongs to one thread. No stream lives longer than kPatience.
#ifndef TESTS_SUPPORT_BYTE_NODE_H_
#define TESTS_SUPPORT_BYTE_NODE_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

namespace sessionhub::testing {

class ByteNode {
 public:
  // Opens a stream; says nothing yet.
  explicit ByteNode(const std::string& endpoint);
  // Breaks the stream if it has not ended.
  ~ByteNode();
  ByteNode(const ByteNode&) = delete;
  ByteNode& operator=(const ByteNode&) = delete;

  // Each false, or nothing, once the stream has ended.
  bool Send(const std::string& frame);
  std::optional<std::string> Receive();
  // Ends the node's side of the stream; the hub then ends its own.
  bool Leave();

 private:
  bool Await();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_BYTE_NODE_H_
