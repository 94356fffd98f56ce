// RawNode: a node that speaks frames, for tests of what no client stub would say. And HubProbe:
// what the hub's Admin service tells of its state.
//
// Each belongs to one thread. No call waits longer than kPatience.
#ifndef TESTS_SUPPORT_RAW_NODE_H_
#define TESTS_SUPPORT_RAW_NODE_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "sessionhub/v1/admin.grpc.pb.h"
#include "sessionhub/v1/hub.grpc.pb.h"

namespace sessionhub::testing {

// A channel of its own, so that no test is hurt by the back-off of another.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& endpoint);

class RawNode {
 public:
  // Starts a stream, with this token if there is one; says nothing yet. `incarnation` is one
  // character, repeated.
  RawNode(const std::string& endpoint, std::string app, std::string name, char incarnation,
          const std::string& token = "");
  ~RawNode();

  v1::Hello MakeHello() const;
  // Says hello and returns the answer; an empty frame if the stream has ended.
  v1::HubFrame Attach();
  // False if the stream has ended.
  bool Send(const v1::NodeFrame& frame);
  // The next frame that is no heartbeat; nothing once the stream has ended.
  std::optional<v1::HubFrame> Receive();
  // The next item on the lane; nothing once the stream has ended.
  std::optional<v1::Item> ReceiveItem();
  // Opens, creating it if need be, and takes the catch-up. The item with `opened`.
  v1::Item Open(const std::string& id, v1::CreateMode create = v1::CREATE_IF_MISSING);
  // Sends the delta under the next number and returns its answer, past everything else on the lane.
  v1::Item Commit(v1::Delta delta);
  // Reads to the end: the farewell, if one was said, and the status.
  v1::Goodbye Farewell();
  grpc::Status Finish();

  uint64_t last_seq() const { return seq_; }

 private:
  const std::string app_;
  const std::string name_;
  const std::string incarnation_;
  grpc::ClientContext context_;
  std::unique_ptr<v1::Hub::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::NodeFrame, v1::HubFrame>> stream_;
  std::deque<v1::Item> items_;
  v1::Goodbye farewell_;
  uint64_t seq_ = 0;
  uint32_t request_ = 0;
  bool finished_ = false;
};

class HubProbe {
 public:
  explicit HubProbe(const std::string& endpoint);

  v1::GetStatusResponse Status();
  // An empty summary and no fields if there is none.
  v1::GetSessionResponse Session(const std::string& app, const std::string& id);
  uint64_t Version(const std::string& app, const std::string& id) {
    return Session(app, id).summary().version();
  }
  // The integer in a field; nothing if there is no such field.
  std::optional<int64_t> Integer(const std::string& app, const std::string& id,
                                 const std::string& path);
  // Whether attached or not; an empty one if there is none.
  v1::Node Node(const std::string& name);
  grpc::Status Delete(const std::string& app, const std::string& id);

 private:
  std::unique_ptr<v1::Admin::Stub> stub_;
};

// One operation of a delta.
v1::Op PutString(const std::string& path, const std::string& value);
v1::Op IncrementInt(const std::string& path, int64_t by);
// A delta on a session number.
v1::Delta DeltaOn(uint64_t number, const v1::Op& op);

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_RAW_NODE_H_
