#include "bench/overload/raw_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/time.h"

namespace sessionhub::bench {
namespace {

constexpr absl::Duration kBeat = absl::Seconds(1);
constexpr uint32_t kProtocolVersion = 1;
constexpr int kMessageBytesMax = 64 << 20;

std::unique_ptr<v1::Hub::Stub> NewStub(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return v1::Hub::NewStub(
      grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments));
}

}  // namespace

RawReader::RawReader(const std::string& endpoint, std::string app, std::string name)
    : app_(std::move(app)), name_(std::move(name)), stub_(NewStub(endpoint)) {
  context_.set_wait_for_ready(true);
  stream_ = stub_->Attach(&context_);
}

RawReader::~RawReader() {
  {
    absl::MutexLock lock(&mutex_);
    leaving_ = true;
  }
  context_.TryCancel();
  if (reads_.joinable()) reads_.join();
  if (beats_.joinable()) beats_.join();
  stream_->Finish();
}

absl::Status RawReader::Open(const std::vector<std::string>& ids,
                             std::chrono::milliseconds timeout) {
  v1::NodeFrame hello;
  hello.mutable_hello()->set_protocol_version(kProtocolVersion);
  hello.mutable_hello()->set_app(app_);
  hello.mutable_hello()->set_node_name(name_);
  std::string incarnation = name_;
  incarnation.resize(16, '.');
  hello.mutable_hello()->set_incarnation(incarnation);
  v1::NodeFrame opens;
  for (size_t i = 0; i < ids.size(); ++i) {
    v1::Open* open = opens.add_opens();
    open->set_request(static_cast<uint32_t>(i + 1));
    open->set_id(ids[i]);
  }
  {
    absl::MutexLock lock(&mutex_);
    ids_ = ids;
  }
  if (!stream_->Write(hello) || !stream_->Write(opens)) {
    return absl::UnavailableError("the hub has ended the stream of " + name_);
  }
  reads_ = std::thread([this] { Read(); });
  beats_ = std::thread([this] { Beat(); });
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &RawReader::AllThere), absl::FromChrono(timeout));
  if (ended_) return absl::UnavailableError("the hub has ended the stream of " + name_);
  if (copies_.size() == ids_.size() && AllThere()) return absl::OkStatus();
  return absl::DeadlineExceededError(name_ + " has not got all of its copies in time");
}

bool RawReader::AllThere() const {
  return ended_ || (copies_.size() == ids_.size() &&
                    std::all_of(copies_.begin(), copies_.end(),
                                [](const auto& copy) { return copy.second.version > 0; }));
}

void RawReader::Read() {
  v1::HubFrame frame;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &RawReader::MayRead));
    }
    const bool read = stream_->Read(&frame);
    absl::MutexLock lock(&mutex_);
    if (!read) {
      ended_ = true;
      return;
    }
    for (const v1::Item& item : frame.items()) Take(item);
  }
}

void RawReader::Take(const v1::Item& item) {
  if (item.has_opened()) {
    if (item.handle() != 0 && item.opened().request() <= ids_.size()) {
      copies_[item.handle()] = {ids_[item.opened().request() - 1], 0};
    }
    return;
  }
  const auto copy = copies_.find(item.handle());
  if (copy == copies_.end()) return;
  if (item.has_changes()) {
    if (item.from() != copy->second.version) ++gaps_;
    copy->second.version = item.from() + std::max<uint64_t>(item.span(), 1);
  } else if (item.has_catch_up() && !item.catch_up().more()) {
    const bool follows = item.catch_up().replace() || item.from() == copy->second.version;
    if (!follows) ++gaps_;
    copy->second.version = item.from() + item.span();
  }
}

void RawReader::Beat() {
  absl::MutexLock lock(&mutex_);
  const auto over = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return leaving_ || ended_; };
  while (!mutex_.AwaitWithTimeout(absl::Condition(&over), kBeat)) {
    mutex_.Unlock();
    stream_->Write(v1::NodeFrame());
    mutex_.Lock();
  }
}

void RawReader::Pause(bool pause) {
  absl::MutexLock lock(&mutex_);
  paused_ = pause;
}

std::map<std::string, uint64_t> RawReader::Versions() const {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, uint64_t> versions;
  for (const auto& [handle, copy] : copies_) versions[copy.id] = copy.version;
  return versions;
}

uint64_t RawReader::gaps() const {
  absl::MutexLock lock(&mutex_);
  return gaps_;
}

bool RawReader::ended() const {
  absl::MutexLock lock(&mutex_);
  return ended_;
}

}  // namespace sessionhub::bench
