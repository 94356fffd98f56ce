#include "bench/report/fan_out_nodes.h"

#include <grpcpp/grpcpp.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bench/demo/tcp_counters.h"
#include "bench/limits/grpc_channel.h"
#include "bench/overload/commands.h"
#include "hub/process_limits.h"
#include "proto/session/status_macros.h"
#include "sessionhub/v1/hub.grpc.pb.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr uint32_t kFanOutProtocolVersion = 1;
constexpr size_t kFanOutIncarnationBytes = 16;
constexpr size_t kFanOutValueBytes = 16;
constexpr char kFanOutSession[] = "fan-out";
constexpr char kFanOutPath[] = "f/0";

}  // namespace

class FanOutNodes::Stream final : private grpc::ClientBidiReactor<v1::NodeFrame, v1::HubFrame> {
 public:
  Stream(Round* round, std::atomic<uint64_t>* frames, const std::shared_ptr<grpc::Channel>& channel)
      : round_(*round), frames_(*frames), stub_(v1::Hub::NewStub(channel)) {}
  // After Cancel. Waits until gRPC has done with it.
  ~Stream() override {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
  }

  void Attach(const std::string& app, const std::string& name) {
    v1::Hello* hello = written_.mutable_hello();
    hello->set_protocol_version(kFanOutProtocolVersion);
    hello->set_app(app);
    hello->set_node_name(name);
    std::string incarnation = name;
    incarnation.resize(kFanOutIncarnationBytes, '.');
    hello->set_incarnation(incarnation);
    v1::PathDefinition* path = written_.add_paths();
    path->set_number(1);
    path->set_path(kFanOutPath);
    v1::Open* open = written_.add_opens();
    open->set_request(1);
    open->set_id(kFanOutSession);
    open->set_create(v1::CREATE_IF_MISSING);
    {
      absl::MutexLock lock(&mutex_);
      writing_ = true;
      done_ = false;
    }
    stub_->async()->Attach(&context_, this);
    AddHold();  // for Write, which is no reaction
    StartWrite(&written_);
    StartRead(&heard_);
    StartCall();
  }

  // Once the copy is there, and all that was written before has been heard of.
  void Write(size_t deltas) {
    absl::MutexLock lock(&mutex_);
    const auto written = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !writing_; };
    mutex_.Await(absl::Condition(&written));
    written_.Clear();
    written_.set_answers_seen_through(last_seq_);
    written_.set_first_seq(last_seq_ + 1);
    for (size_t i = 0; i < deltas; ++i) {
      v1::Delta* delta = written_.add_deltas();
      delta->set_handle(handle_);
      v1::Op* op = delta->add_ops();
      op->set_path_number(1);
      std::string value = std::to_string(++last_seq_);
      value.resize(kFanOutValueBytes, '.');
      op->set_put_string(value);
    }
    writing_ = true;
    StartWrite(&written_);
  }

  void Cancel() {
    {
      absl::MutexLock lock(&mutex_);
      if (done_) return;  // it was never attached
    }
    context_.TryCancel();
    RemoveHold();
  }

 private:
  void OnWriteDone(bool) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    size_t forwards = 0, copies = 0, answers = 0;
    for (const v1::Item& item : heard_.items()) {
      forwards += item.has_changes() ? 1 : 0;
      copies += item.has_catch_up() && !item.catch_up().more() ? 1 : 0;
      answers += item.handle() == 0 && item.what_case() == v1::Item::WHAT_NOT_SET ? 1 : 0;
      if (!item.has_opened()) continue;
      absl::MutexLock lock(&mutex_);
      handle_ = item.handle();
    }
    if (forwards > 0) ++frames_;
    StartRead(&heard_);
    const size_t heard = forwards + copies + answers;
    if (heard > 0) round_.Hear(heard);
  }
  void OnDone(const grpc::Status&) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    done_ = true;
  }

  Round& round_;
  std::atomic<uint64_t>& frames_;
  const std::unique_ptr<v1::Hub::Stub> stub_;
  grpc::ClientContext context_;
  v1::NodeFrame written_;  // of one thread at a time: who writes waits for the write before
  v1::HubFrame heard_;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  uint32_t handle_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t last_seq_ ABSL_GUARDED_BY(mutex_) = 0;
  bool done_ ABSL_GUARDED_BY(mutex_) = true;
};

FanOutNodes::FanOutNodes() = default;

FanOutNodes::~FanOutNodes() {
  for (const auto& stream : streams_) stream->Cancel();
  streams_.clear();
}

absl::Status FanOutNodes::Attach(uint16_t port, const std::string& app, size_t count) {
  for (size_t i = 0; i <= count; ++i) {
    ASSIGN_OR_RETURN(const auto channel, ConnectChannel(port));
    streams_.push_back(std::make_unique<Stream>(&round_, &frames_, channel));
  }
  round_.Begin(streams_.size());
  for (size_t i = 0; i < streams_.size(); ++i) {
    streams_[i]->Attach(app, "node-" + std::to_string(i));
  }
  return round_.Await();
}

absl::Status FanOutNodes::RunRound(size_t deltas) {
  round_.Begin(streams_.size() * deltas);
  streams_.front()->Write(deltas);
  return round_.Await();
}

absl::Status RunFanOutNodes(const GeneratorProcessOptions& options) {
  hub::RaiseDescriptorsMax();
  FanOutNodes nodes;
  uint16_t port = 0;
  const std::string& endpoint = options.endpoint;
  std::from_chars(endpoint.data() + endpoint.rfind(':') + 1, endpoint.data() + endpoint.size(),
                  port);
  const auto attach = [&](const json& command) -> absl::StatusOr<json> {
    RETURN_IF_ERROR(nodes.Attach(port, options.app, command.value("nodes", size_t{1})));
    return json::object();
  };
  const auto rounds = [&](const json& command) -> absl::StatusOr<json> {
    const auto deltas = command.value("deltas", size_t{1});
    const uint64_t frames_before = nodes.frames();
    const TcpCounters wire_before = CountConnectionsTo(port);
    ASSIGN_OR_RETURN(const Meter meter,
                     MeasureRounds(Stretch::FromNow(command.value("seconds", 1.0)),
                                   [&] { return nodes.RunRound(deltas); }));
    const TcpCounters wire = CountConnectionsTo(port) - wire_before;
    return json{{"rounds", meter.total()},
                {"frames", nodes.frames() - frames_before},
                {"per_s", meter.PerSecond()},
                {"p50_us", meter.latencies().PercentileUs(50)},
                {"p99_us", meter.latencies().PercentileUs(99)},
                {"wire_bytes", wire.WireBytes()}};
  };
  return AnswerCommands([&](const json& command) -> absl::StatusOr<json> {
    const std::string what = command.value("do", "");
    if (what == "attach") return attach(command);
    if (what == "rounds") return rounds(command);
    return absl::InvalidArgumentError("no such command");
  });
}

}  // namespace sessionhub::bench
