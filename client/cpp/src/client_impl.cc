#include "client/cpp/src/client_impl.h"

#include <sys/random.h>

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace sessionhub::client {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTickMin{10};

uint64_t RandomSeed() {
  uint64_t seed = static_cast<uint64_t>(steady_clock::now().time_since_epoch().count());
  (void)!getrandom(&seed, sizeof(seed), 0);
  return seed;
}

ClientMachine::Options MachineOptions(const ClientOptions& options) {
  return {options.app, options.node_name, options.pending_bytes_max, options.near_cache_bytes_max,
          options.stale_max};
}

Committed Refused(absl::Status why) {
  return {Committed::Kind::kRefused, 0, std::move(why)};
}

}  // namespace

ClientImpl::ClientImpl(ClientOptions options)
    : options_(std::move(options)),
      callbacks_(options_.executor),
      machine_(MachineOptions(options_)),
      reconnect_(options_.endpoints, options_.backoff_min, options_.backoff_max),
      random_(RandomSeed()),
      connect_at_(steady_clock::now()) {}

void ClientImpl::Start() {
  timer_ = std::thread([this] { RunTimer(); });
}

// ---- calls ----

absl::Status ClientImpl::CheckMayBlock() const {
  if (absl::Status status = fork_guard_.Check(); !status.ok()) return status;
  if (!Callbacks::InCallback()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "a blocking call inside a callback would hold up all callbacks: use the form with a "
      "callback");
}

absl::Status ClientImpl::LateOpen(const OpenOptions& options) const {
  const std::string waited = " within " + std::to_string(options.timeout.count()) + " ms";
  if (machine_.attached()) return absl::DeadlineExceededError("the hub did not answer" + waited);
  return absl::UnavailableError("no hub was reached" + waited + ", at " + reconnect_.endpoint());
}

absl::StatusOr<CopyRef> ClientImpl::Open(const std::string& id, const OpenOptions& options) {
  if (absl::Status status = CheckMayBlock(); !status.ok()) return status;
  const absl::Time deadline = absl::Now() + absl::FromChrono(options.timeout);
  OpenWaiter waiter;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    const Token token =
        machine_.Open(id, options.create, options.at_least_version, steady_clock::now());
    open_waiters_[token] = &waiter;
    after = Step();
    while (!waiter.result && !waiter.done.WaitWithDeadline(&mutex_, deadline)) {
    }
    if (!waiter.result) {
      open_waiters_.erase(token);
      machine_.ForgetOpen(token);
      waiter.result = LateOpen(options);
    }
  }
  Finish(std::move(after));
  return *std::move(waiter.result);
}

absl::StatusOr<std::shared_ptr<const ViewImpl>> ClientImpl::Read(const CopyRef& ref) {
  if (absl::Status status = fork_guard_.Check(); !status.ok()) return status;
  const Time now = steady_clock::now();
  absl::MutexLock lock(&mutex_);
  return machine_.Read(ref, now);
}

std::shared_ptr<const ViewImpl> ClientImpl::ReadAnyAge(const CopyRef& ref) {
  if (fork_guard_.forked()) return nullptr;
  absl::MutexLock lock(&mutex_);
  return machine_.ReadAnyAge(ref);
}

Committed ClientImpl::Commit(const CopyRef& ref, Delta delta, std::chrono::milliseconds timeout) {
  if (absl::Status status = CheckMayBlock(); !status.ok()) return Refused(std::move(status));
  const absl::Time deadline = absl::Now() + absl::FromChrono(timeout);
  CommitWaiter waiter;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    absl::StatusOr<Token> token = machine_.Commit(ref, std::move(delta));
    if (!token.ok()) return Refused(token.status());
    commit_waiters_[*token] = &waiter;
    after = Step();
    while (!waiter.result && !waiter.done.WaitWithDeadline(&mutex_, deadline)) {
    }
    commit_waiters_.erase(*token);
  }
  Finish(std::move(after));
  if (waiter.result) return *std::move(waiter.result);
  return {Committed::Kind::kUnknown, 0,
          absl::DeadlineExceededError("no answer within " + std::to_string(timeout.count()) +
                                      " ms: the change stays pending and is still sent")};
}

void ClientImpl::Commit(const CopyRef& ref, Delta delta,
                        std::function<void(const Committed&)> done) {
  if (absl::Status status = fork_guard_.Check(); !status.ok()) {
    done(Refused(std::move(status)));  // no thread of this client lives in the child
    return;
  }
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    absl::StatusOr<Token> token = machine_.Commit(ref, std::move(delta));
    if (token.ok()) {
      commit_callbacks_[*token] = std::move(done);
      after = Step();
    } else {
      after.callbacks.push_back(
          [done = std::move(done), why = token.status()] { done(Refused(why)); });
    }
  }
  Finish(std::move(after));
}

void ClientImpl::Tell(std::function<void(const Committed&)> done, Committed committed) {
  if (fork_guard_.forked()) {
    done(committed);
    return;
  }
  callbacks_.Run([done = std::move(done), committed = std::move(committed)] { done(committed); });
}

void ClientImpl::Unpin(const CopyRef& ref) {
  absl::MutexLock lock(&mutex_);
  machine_.Unpin(ref);  // handles to close go with the next frame
}

bool ClientImpl::attached() const {
  if (fork_guard_.forked()) return false;
  absl::MutexLock lock(&mutex_);
  return machine_.attached();
}

ClientStats ClientImpl::stats() const {
  if (fork_guard_.forked()) return {};
  absl::MutexLock lock(&mutex_);
  return machine_.stats();
}

size_t ClientImpl::Close(std::chrono::milliseconds flush) {
  if (Callbacks::InCallback()) flush = std::chrono::milliseconds(0);
  const absl::Time deadline = absl::Now() + absl::FromChrono(flush);
  size_t left = 0;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    while (machine_.unanswered() > 0 && !closing_ && !quiet_.WaitWithDeadline(&mutex_, deadline)) {
    }
    if (closing_) return 0;
    closing_ = true;
    left = machine_.unanswered();
    machine_.Close(absl::FailedPreconditionError("this client is closed"));
    after = Step();
    if (stream_) stream_->Cancel();
    timer_wake_.Signal();
    while (stream_) quiet_.Wait(&mutex_);
  }
  timer_.join();
  DestroyEnded();
  Finish(std::move(after));
  callbacks_.Stop();
  return left;
}

// ---- the stream and the timer ----

void ClientImpl::OnFrame(uint64_t stream, const v1::HubFrame& frame) {
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    if (stream != stream_number_ || closing_) return;
    const bool was_attached = machine_.attached();
    machine_.Receive(frame, steady_clock::now());
    if (machine_.attached() && !was_attached) reconnect_.Reached();
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
    if (!closing_) after.log.emplace_back(LogSeverity::kInfo, "stream ended: " + status.ToString());
    timer_wake_.Signal();
    quiet_.SignalAll();
  }
  Finish(std::move(after));
}

Incarnation ClientImpl::FreshIncarnation() {
  Incarnation incarnation;
  if (getrandom(incarnation.data(), incarnation.size(), 0) !=
      static_cast<ssize_t>(incarnation.size())) {
    for (uint8_t& byte : incarnation) byte = static_cast<uint8_t>(random_());
  }
  return incarnation;
}

void ClientImpl::Connect(Time now) {
  stream_ = Stream::Start(reconnect_.endpoint(), shared_from_this(), ++stream_number_);
  writable_ = true;
  machine_.StreamUp(FreshIncarnation(), now);
}

Time ClientImpl::NextTick(Time now) const {
  const auto tick = std::max<std::chrono::milliseconds>(machine_.heartbeat() / 2, kTickMin);
  const bool waits_to_connect = !stream_ && machine_.standing().ok();
  return waits_to_connect ? std::min<Time>(now + tick, std::max(connect_at_, now)) : now + tick;
}

void ClientImpl::DestroyEnded() {
  std::vector<std::shared_ptr<Stream>> ended;  // destroyed after the lock is released
  absl::MutexLock lock(&mutex_);
  ended.swap(ended_);
}

void ClientImpl::RunTimer() {
  while (true) {
    DestroyEnded();
    Aftermath after;
    {
      absl::MutexLock lock(&mutex_);
      if (closing_) return;
      const Time now = steady_clock::now();
      if (!stream_ && machine_.standing().ok() && now >= connect_at_) Connect(now);
      machine_.Tick(now);
      after = Step();
      if (after.log.empty() && after.callbacks.empty()) {
        timer_wake_.WaitWithTimeout(&mutex_, absl::FromChrono(NextTick(now) - now));
      }
    }
    Finish(std::move(after));
  }
}

ClientImpl::Aftermath ClientImpl::Step() {
  Send();
  Outputs outputs = machine_.TakeOutputs();
  Aftermath after;
  after.log = std::move(outputs.log);
  for (OpenDone& done : outputs.opens) Hand(std::move(done));
  for (CommitDone& done : outputs.commits) Hand(std::move(done), &after);
  if (machine_.unanswered() == 0) quiet_.SignalAll();
  return after;
}

void ClientImpl::Send() {
  if (!stream_) return;
  v1::NodeFrame frame;
  if (writable_ && machine_.TakeFrame(&frame, steady_clock::now())) {
    writable_ = false;
    stream_->Write(std::move(frame));
  }
  if (machine_.wants_reconnect()) stream_->Cancel();
}

void ClientImpl::Hand(OpenDone done) {
  auto waiter = open_waiters_.find(done.token);
  if (waiter == open_waiters_.end()) {
    if (done.copy.ok()) machine_.Unpin(*done.copy);
    return;
  }
  waiter->second->result = std::move(done.copy);
  waiter->second->done.Signal();
  open_waiters_.erase(waiter);
}

void ClientImpl::Hand(CommitDone done, Aftermath* after) {
  if (auto waiter = commit_waiters_.find(done.token); waiter != commit_waiters_.end()) {
    waiter->second->result = std::move(done.committed);
    waiter->second->done.Signal();
    return;
  }
  auto callback = commit_callbacks_.extract(done.token);
  if (callback.empty()) return;  // the caller's wait ended before
  after->callbacks.push_back([tell = std::move(callback.mapped()),
                              committed = std::move(done.committed)] { tell(committed); });
}

void ClientImpl::Finish(Aftermath after) {
  if (options_.log_sink) {
    for (const auto& [severity, line] : after.log) options_.log_sink(severity, line);
  }
  for (std::function<void()>& callback : after.callbacks) callbacks_.Run(std::move(callback));
}

}  // namespace sessionhub::client
