#include "bench/demo/request_handler.h"

#include <chrono>
#include <utility>

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = CommitEvent::Kind;

constexpr milliseconds kOpenTimeout{5'000};

CommitEvent MakeEvent(Kind kind, const Request& request) {
  CommitEvent event;
  event.kind = kind;
  event.request = request.number;
  event.session = request.session;
  event.code = request.code;
  event.at_least = request.at_least;
  return event;
}

bool IsWorthAnotherTry(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

void RequestHandler::Handle(const Request& request) {
  if (request.reopen) client_->Evict(request.session).IgnoreError();  // there may be no copy
  absl::StatusOr<Session> session = OpenPatiently(request);
  if (!session.ok()) {
    CommitEvent event = MakeEvent(Kind::kNotSent, request);
    event.note = session.status().ToString();
    return events_->Write(std::move(event));
  }
  if (request.reopen) {
    events_->Write(MakeEvent(Kind::kOpened, request));
    absl::MutexLock lock(&mutex_);
    opened_.insert(request.session);
    return;
  }
  {
    const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return unanswered_ < unanswered_max_;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&has_room));
    ++unanswered_;
    opened_.insert(request.session);
    last_ = *session;
  }
  Submit(request, *session);
}

absl::StatusOr<Session> RequestHandler::OpenPatiently(const Request& request) {
  const auto deadline = steady_clock::now() + open_patience_;
  OpenOptions options;
  options.create = request.create ? Create::kIfMissing : Create::kNever;
  options.at_least_version = request.at_least;
  options.timeout = kOpenTimeout;
  absl::StatusOr<Session> session = client_->Open(request.session, options);
  while (!session.ok() && IsWorthAnotherTry(session.status()) && steady_clock::now() < deadline) {
    session = client_->Open(request.session, options);
  }
  return session;
}

void RequestHandler::Submit(const Request& request, const Session& session) {
  // For what is to be seen, an old copy will do, if it is new enough.
  const absl::StatusOr<View> view = session.Read({.allow_stale = true});
  Edit edit = session.Begin();
  edit.Increment(QuantityPath(request.code))
      .Increment("cart/count")
      .Set("cart/last", request.code)
      .Increment("visit/requests");
  CommitEvent event = MakeEvent(Kind::kSubmitted, request);
  event.version = view.ok() ? view->version() : 0;
  events_->Write(std::move(event));
  std::move(edit).Commit(Ack::kDurable, [this, request](const Committed& committed) {
    OnCommitted(request, committed);
  });
}

void RequestHandler::OnCommitted(const Request& request, const Committed& committed) {
  CommitEvent event = MakeEvent(Kind::kAcked, request);
  event.version = committed.version;
  if (!committed.applied()) {
    event.kind = committed.kind == Committed::Kind::kRefused ? Kind::kRefused : Kind::kUnknown;
    event.note = committed.status.ToString();
  }
  events_->Write(std::move(event));
  absl::MutexLock lock(&mutex_);
  --unanswered_;
}

std::vector<std::string> RequestHandler::OpenedIds() const {
  absl::MutexLock lock(&mutex_);
  return {opened_.begin(), opened_.end()};
}

size_t RequestHandler::unanswered() const {
  absl::MutexLock lock(&mutex_);
  return unanswered_;
}

absl::Status RequestHandler::ReadLast() const {
  absl::MutexLock lock(&mutex_);
  return last_ ? last_->Read().status() : absl::NotFoundError("no session was opened");
}

}  // namespace sessionhub::bench
