#include "client/cpp/src/client_impl.h"

#include <sys/random.h>

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "client/cpp/src/refused.h"
#include "proto/session/error_codes.h"

namespace sessionhub::client {
namespace {

using std::chrono::steady_clock;

constexpr size_t kOpensMax = 10'000;

absl::Status TooManyCallbacks() {
  return absl::ResourceExhaustedError(
      std::to_string(Callbacks::kWaitingMax) +
      " callbacks wait for their thread: let them do less, or commit no faster than they run");
}

uint64_t RandomSeed() {
  uint64_t seed = static_cast<uint64_t>(steady_clock::now().time_since_epoch().count());
  (void)!getrandom(&seed, sizeof(seed), 0);
  return seed;
}

ClientMachine::Options MachineOptions(const ClientOptions& options) {
  return {options.app, options.node_name, options.pending_bytes_max, options.near_cache_bytes_max,
          options.stale_max};
}

Settings SettingsOf(const OpenOptions& options) {
  Settings settings;
  if (options.create == Create::kNever) return settings;
  if (options.idle_timeout.count() > 0) {
    settings.idle_timeout_ms = static_cast<uint64_t>(options.idle_timeout.count());
  }
  if (options.absolute_timeout.count() > 0) {
    settings.absolute_timeout_ms = static_cast<uint64_t>(options.absolute_timeout.count());
  }
  if (!options.owner.empty()) settings.owner = options.owner;
  return settings;
}

}  // namespace

ClientImpl::ClientImpl(ClientOptions options)
    : options_(std::move(options)),
      callbacks_(options_.executor),
      subscriptions_(options_.event_bytes_max, options_.session_event_bytes_max),
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
  return ErrorStatus(
      ClientError::kInCallback,
      "a blocking call inside a callback would hold up all callbacks: use the form with a "
      "callback");
}

absl::Status ClientImpl::LateOpen(const OpenOptions& options) const {
  const std::string waited = " within " + std::to_string(options.timeout.count()) + " ms";
  if (machine_.attached()) {
    return ErrorStatus(ClientError::kNoAnswer, "the hub did not answer" + waited);
  }
  return Late(ErrorStatus(ClientError::kHubNotReached,
                          "no hub was reached" + waited + ", at " + reconnect_.endpoint()));
}

std::vector<absl::StatusOr<CopyRef>> ClientImpl::Open(const std::vector<std::string>& ids,
                                                      const OpenOptions& options) {
  std::vector<absl::StatusOr<CopyRef>> results;
  absl::Status status = CheckMayOpen(ids.size());
  if (status.ok() && (options.idle_timeout.count() < 0 || options.absolute_timeout.count() < 0)) {
    status = absl::InvalidArgumentError("timeout is below 0 ms: give 0 for none");
  }
  if (!status.ok()) {
    results.assign(ids.size(), status);
    return results;
  }
  const absl::Time deadline = absl::Now() + absl::FromChrono(options.timeout);
  std::vector<OpenWaiter> waiters(ids.size());
  std::vector<Token> tokens;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    for (size_t i = 0; i < ids.size(); ++i) {
      tokens.push_back(machine_.Open(ids[i], options.create, options.at_least_version,
                                     steady_clock::now(), options.interest, SettingsOf(options)));
      open_waiters_[tokens.back()] = &waiters[i];
    }
    after = Step();
    for (size_t i = 0; i < ids.size(); ++i) {
      while (!waiters[i].result && !waiters[i].done.WaitWithDeadline(&mutex_, deadline)) {
      }
      if (!waiters[i].result) {
        open_waiters_.erase(tokens[i]);
        machine_.ForgetOpen(tokens[i]);
        waiters[i].result = LateOpen(options);
      }
    }
  }
  Finish(std::move(after));
  for (OpenWaiter& waiter : waiters) results.push_back(*std::move(waiter.result));
  return results;
}

absl::Status ClientImpl::CheckMayOpen(size_t count) const {
  if (absl::Status status = CheckMayBlock(); !status.ok()) return status;
  if (count <= kOpensMax) return absl::OkStatus();
  return absl::ResourceExhaustedError(std::to_string(count) +
                                      " sessions to open at once are over " +
                                      std::to_string(kOpensMax) + ": open them in parts");
}

absl::StatusOr<std::shared_ptr<Subscriber>> ClientImpl::Subscribe(
    const CopyRef& ref, std::function<void(const Event&)> callback) {
  if (absl::Status status = fork_guard_.Check(); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  if (absl::Status status = machine_.Watch(ref); !status.ok()) return status;
  return subscriptions_.Add(ref, std::move(callback));
}

void ClientImpl::Unsubscribe(const std::shared_ptr<Subscriber>& subscriber) {
  if (fork_guard_.forked()) return;
  absl::MutexLock lock(&mutex_);
  machine_.Unwatch(subscriber->ref);
  subscriptions_.Remove(subscriber);
}

void ClientImpl::Hand(const CopyEvent& event, Aftermath* after) {
  for (std::shared_ptr<Subscriber>& subscriber : subscriptions_.Publish(event.copy, event.event)) {
    after->callbacks.push_back([self = shared_from_this(), subscriber = std::move(subscriber)] {
      self->TellNext(subscriber);
    });
  }
}

// One event for each call, so that the callbacks of others run in between.
void ClientImpl::TellNext(const std::shared_ptr<Subscriber>& subscriber) {
  if (!subscriptions_.Tell(subscriber.get())) return;
  callbacks_.Run([self = shared_from_this(), subscriber] { self->TellNext(subscriber); });
}

absl::Status ClientImpl::Evict(const std::string& id) {
  if (absl::Status status = fork_guard_.Check(); !status.ok()) return status;
  Aftermath after;
  absl::Status status;
  {
    absl::MutexLock lock(&mutex_);
    status = machine_.Evict(id);
    after = Step();
  }
  Finish(std::move(after));
  return status;
}

absl::StatusOr<std::shared_ptr<const ViewImpl>> ClientImpl::Read(const CopyRef& ref,
                                                                 const ReadOptions& options) {
  if (absl::Status status = fork_guard_.Check(); !status.ok()) return status;
  const Time now = steady_clock::now();
  absl::MutexLock lock(&mutex_);
  auto view = machine_.Read(ref, now, options.allow_stale);
  if (machine_.urgent_at() < tick_at_) timer_wake_.Signal();
  return view;
}

std::shared_ptr<const ViewImpl> ClientImpl::Begin(const CopyRef& ref) {
  absl::StatusOr<std::shared_ptr<const ViewImpl>> view = Read(ref, {/*allow_stale=*/true});
  if (view.ok()) return *std::move(view);
  if (fork_guard_.forked()) return nullptr;
  absl::MutexLock lock(&mutex_);
  return machine_.ReadAnyAge(ref);
}

absl::Status ClientImpl::LateCommit(std::chrono::milliseconds timeout) const {
  const std::string& why = machine_.growth_waits();
  return Late(
      ErrorStatus(ClientError::kNoAnswer, "no answer within " + std::to_string(timeout.count()) +
                                              " ms: the change stays pending and is still sent" +
                                              (why.empty() ? "" : "; " + why)));
}

Committed ClientImpl::Commit(const CopyRef& ref, Delta delta, Ack ack,
                             std::chrono::milliseconds timeout, Splices splices) {
  if (absl::Status status = CheckMayBlock(); !status.ok()) return RefusedHere(status);
  const absl::Time deadline = absl::Now() + absl::FromChrono(timeout);
  CommitWaiter waiter;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    absl::StatusOr<Token> token = machine_.Commit(ref, std::move(delta), ack, std::move(splices));
    if (!token.ok()) return RefusedHere(token.status());
    commit_waiters_[*token] = &waiter;
    after = Step();
    while (!waiter.result && !waiter.done.WaitWithDeadline(&mutex_, deadline)) {
    }
    commit_waiters_.erase(*token);
    if (!waiter.result) waiter.result = machine_.GiveUpDelivery(*token);
    if (!waiter.result) waiter.result = {Committed::Kind::kUnknown, 0, LateCommit(timeout)};
  }
  Finish(std::move(after));
  return *std::move(waiter.result);
}

void ClientImpl::Commit(const CopyRef& ref, Delta delta, Ack ack,
                        std::function<void(const Committed&)> done, Splices splices) {
  if (absl::Status status = fork_guard_.Check(); !status.ok()) {
    done(RefusedHere(status));  // no thread of this client lives in the child
    return;
  }
  if (callbacks_.Full()) {
    NoteRefused(ref);
    return Callbacks::RunHere([&done] { done(RefusedHere(TooManyCallbacks())); });
  }
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    absl::StatusOr<Token> token = machine_.Commit(ref, std::move(delta), ack, std::move(splices));
    if (token.ok()) {
      commit_callbacks_[*token] = std::move(done);
      after = Step();
    } else {
      after.callbacks.push_back(
          [done = std::move(done), why = token.status()] { done(RefusedHere(why)); });
      Count(&after);
    }
  }
  Finish(std::move(after));
}

void ClientImpl::NoteRefused(const CopyRef& ref) {
  if (fork_guard_.forked()) return;
  absl::MutexLock lock(&mutex_);
  machine_.NoteRefused(ref);
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

// Tells the hub which answers have been seen and which locks are given back, and waits until it has
// read that: what is on its way when a stream is cancelled is lost. If it never hears it, it keeps
// what it has decided for this node until the resend horizon has passed, and locks for their
// leases.
void ClientImpl::TakeLeave(absl::Time deadline) {
  const bool untold = machine_.Leave();
  if (!stream_ || !machine_.attached() || absl::Now() >= deadline) return;
  if (!untold && writable_ && !machine_.has_told_unlocks()) return;
  leaving_ = true;
  while (stream_ && !closing_ && !(writable_ && !machine_.Leave())) {
    Send();
    if (quiet_.WaitWithDeadline(&mutex_, deadline)) return;
  }
  if (!stream_ || closing_) return;
  writable_ = false;
  stream_->EndWrites();
  while (stream_ && !closing_ && !quiet_.WaitWithDeadline(&mutex_, deadline)) {
  }
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
    TakeLeave(deadline);
    if (closing_) return 0;
    closing_ = true;
    left = machine_.unanswered();
    machine_.Close(ErrorStatus(ClientError::kClosed, "this client is closed"), /*lost=*/false);
    subscriptions_.RemoveAll();
    after = Step();
    if (stream_) stream_->Cancel();
    timer_wake_.Signal();
    while (stream_ || connecting_) quiet_.Wait(&mutex_);
  }
  timer_.join();
  DestroyEnded();
  Finish(std::move(after));
  AwaitFinished();
  callbacks_.Stop();
  return left;
}

// ---- after every step ----

ClientImpl::Aftermath ClientImpl::Step() {
  Send();
  Outputs outputs = machine_.TakeOutputs();
  Aftermath after;
  after.log = std::move(outputs.log);
  for (OpenDone& done : outputs.opens) Hand(std::move(done));
  for (CommitDone& done : outputs.commits) Hand(std::move(done), &after);
  for (const CopyEvent& event : outputs.events) Hand(event, &after);
  for (IdChangeDone& done : outputs.id_changes) Hand(std::move(done));
  for (LockDone& done : outputs.locks) Hand(std::move(done));
  if (machine_.unanswered() == 0) quiet_.SignalAll();
  Count(&after);
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

void ClientImpl::Count(Aftermath* after) {
  if (after->counted || (after->log.empty() && after->callbacks.empty())) return;
  after->counted = true;
  ++unfinished_;
}

void ClientImpl::Finish(Aftermath after) {
  if (options_.log_sink) {
    for (const auto& [severity, line] : after.log) options_.log_sink(severity, line);
  }
  for (std::function<void()>& callback : after.callbacks) callbacks_.Run(std::move(callback));
  if (!after.counted) return;
  absl::MutexLock lock(&mutex_);
  if (--unfinished_ == 0) quiet_.SignalAll();
}

void ClientImpl::AwaitFinished() {
  absl::MutexLock lock(&mutex_);
  while (unfinished_ > 0) quiet_.Wait(&mutex_);
}

}  // namespace sessionhub::client
