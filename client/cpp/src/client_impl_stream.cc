// The stream to the hub and the timer: when it is connected and destroyed, and what its events do.
#include <pthread.h>
#include <sys/random.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "client/cpp/src/client_impl.h"

namespace sessionhub::client {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTickMin{10};
constexpr std::chrono::milliseconds kTouchTickMin{1};

bool IsNotLetIn(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
}

}  // namespace

void ClientImpl::OnFrame(uint64_t stream, const v1::HubFrame& frame) {
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    if (stream != stream_number_ || closing_) return;
    const bool was_attached = machine_.attached();
    machine_.Receive(frame, steady_clock::now());
    if (machine_.attached() && !was_attached) {
      reconnect_.Reached();
      last_end_ = absl::OkStatus();
    }
    after = Step();
  }
  Finish(std::move(after));
}

void ClientImpl::OnWritable(uint64_t stream) {
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    if (stream != stream_number_) return;
    writable_ = true;
    after = Step();
  }
  Finish(std::move(after));
}

void ClientImpl::OnEnd(uint64_t stream, const absl::Status& status) {
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    if (stream != stream_number_) return;
    ended_.push_back(std::move(stream_));
    writable_ = false;
    machine_.StreamDown();
    connect_at_ = steady_clock::now() + reconnect_.Failed(random_());
    after = Step();
    if (!closing_) after.log.push_back(LineOfEnd(status));
    last_end_ = status;
    Count(&after);
    timer_wake_.Signal();
    quiet_.SignalAll();
  }
  Finish(std::move(after));
}

// A client that is not let in goes on trying, for its token may be put right at the hub; it tells
// of it when it begins, and when the reason changes.
std::pair<LogSeverity, std::string> ClientImpl::LineOfEnd(const absl::Status& status) const {
  const bool told = status == last_end_;
  if (!IsNotLetIn(status) || told) {
    return {LogSeverity::kInfo, "stream ended: " + status.ToString()};
  }
  return {LogSeverity::kError, "the hub does not let this client in: " + status.ToString()};
}

absl::Status ClientImpl::Late(const absl::Status& late) const {
  if (machine_.attached() || last_end_.ok()) return late;
  const bool refused = IsNotLetIn(last_end_);
  return absl::Status(refused ? last_end_.code() : late.code(),
                      std::string(late.message()) +
                          (refused ? "; the hub does not let this client in: " : "; last try: ") +
                          std::string(last_end_.message()));
}

Incarnation ClientImpl::FreshIncarnation() {
  Incarnation incarnation;
  if (getrandom(incarnation.data(), incarnation.size(), 0) !=
      static_cast<ssize_t>(incarnation.size())) {
    for (uint8_t& byte : incarnation) byte = static_cast<uint8_t>(random_());
  }
  return incarnation;
}

bool ClientImpl::MayConnect() const {
  return !stream_ && !leaving_ && !closing_ && machine_.standing().ok();
}

void ClientImpl::Connect() {
  std::string endpoint;
  uint64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (!MayConnect() || steady_clock::now() < connect_at_) return;
    connecting_ = true;
    endpoint = reconnect_.endpoint();
    number = ++stream_number_;
  }
  std::shared_ptr<Stream> stream = Stream::To(endpoint, options_, shared_from_this(), number);
  absl::MutexLock lock(&mutex_);
  connecting_ = false;
  stream_ = std::move(stream);
  stream_->Start();
  if (closing_) return stream_->Cancel();  // Close waits for its end
  writable_ = true;
  machine_.StreamUp(FreshIncarnation(), steady_clock::now());
}

Time ClientImpl::NextTick(Time now) const {
  const auto tick = std::max<std::chrono::milliseconds>(machine_.heartbeat() / 2, kTickMin);
  if (MayConnect()) return std::min<Time>(now + tick, std::max(connect_at_, now));
  // A frame that could not go out yet goes when the stream is writable.
  const Time urgent = machine_.attached() && writable_ ? machine_.urgent_at() : Time::max();
  return std::min<Time>(now + tick, std::max<Time>(urgent, now + kTouchTickMin));
}

void ClientImpl::DestroyEnded() {
  std::vector<std::shared_ptr<Stream>> ended;  // destroyed after the lock is released
  absl::MutexLock lock(&mutex_);
  ended.swap(ended_);
}

void ClientImpl::RunTimer() {
  pthread_setname_np(pthread_self(), "hub-timer");
  while (true) {
    DestroyEnded();
    Connect();
    Aftermath after;
    {
      absl::MutexLock lock(&mutex_);
      if (closing_) return;
      const Time now = steady_clock::now();
      machine_.Tick(now);
      after = Step();
      if (after.log.empty() && after.callbacks.empty()) {
        tick_at_ = NextTick(now);
        timer_wake_.WaitWithTimeout(&mutex_, absl::FromChrono(tick_at_ - now));
      }
    }
    Finish(std::move(after));
  }
}

}  // namespace sessionhub::client
