// ScriptedHub: the ModelHub behind real gRPC, with the faults a test asks for.
#ifndef TESTS_SUPPORT_SCRIPTED_HUB_H_
#define TESTS_SUPPORT_SCRIPTED_HUB_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "sessionhub/v1/hub.grpc.pb.h"
#include "tests/support/model_hub.h"

namespace sessionhub::testing {

// Thread-safe.
class ScriptedHub final : public v1::Hub::Service {
 public:
  // Listens on 127.0.0.1; port 0 takes a free one.
  explicit ScriptedHub(int port = 0);
  ~ScriptedHub() override;

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

  // Frames are taken and decided, but nothing is answered until Release; a cut loses what was held.
  void HoldAnswers();
  void Release();
  void CutAll();
  // Every stream that stands, and every later one, is told goodbye.
  void SayGoodbye(v1::Goodbye::Why why);

  // Waits until `condition`, which sees the model, holds; checked after every frame that arrives.
  void WaitUntil(const std::function<bool(const ModelHub&)>& condition);
  // Runs `change` on the model, then sends what it queued.
  void Change(const std::function<void(ModelHub*)>& change);
  // All deltas that have arrived, of all streams, in order of arrival.
  std::vector<uint64_t> SeqsReceived();
  // The size in bytes of each frame that held deltas, of all streams, in order of arrival.
  std::vector<size_t> DeltaFrameBytes();
  size_t attaches();

  grpc::Status Attach(grpc::ServerContext* context,
                      grpc::ServerReaderWriter<v1::HubFrame, v1::NodeFrame>* stream) override;

 private:
  struct Connection {
    grpc::ServerContext* context;
    grpc::ServerReaderWriter<v1::HubFrame, v1::NodeFrame>* stream;
  };

  void SendAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendGoodbye(const Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  absl::CondVar changed_;
  ModelHub model_ ABSL_GUARDED_BY(mutex_){1};
  std::map<int, Connection> connections_ ABSL_GUARDED_BY(mutex_);
  int last_connection_ ABSL_GUARDED_BY(mutex_) = 0;
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;
  v1::Goodbye::Why goodbye_ ABSL_GUARDED_BY(mutex_) = v1::Goodbye::WHY_UNSPECIFIED;
  std::vector<uint64_t> seqs_ ABSL_GUARDED_BY(mutex_);
  std::vector<size_t> delta_frame_bytes_ ABSL_GUARDED_BY(mutex_);
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_SCRIPTED_HUB_H_
