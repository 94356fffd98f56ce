#include "bench/demo/request_handler.h"

#include <chrono>
#include <utility>

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = CommitEvent::Kind;

constexpr milliseconds kOpenTimeout{5'000};
constexpr milliseconds kOpenPatience{45'000};

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
  absl::StatusOr<Session> session = OpenPatiently(request);
  if (!session.ok()) {
    CommitEvent event = MakeEvent(Kind::kNotSent, request);
    event.note = session.status().ToString();
    return events_->Write(std::move(event));
  }
  {
    const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return unanswered_ < unanswered_max_;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&has_room));
    ++unanswered_;
    opened_.insert(request.session);
  }
  Submit(request, *session);
}

absl::StatusOr<Session> RequestHandler::OpenPatiently(const Request& request) {
  const auto deadline = steady_clock::now() + kOpenPatience;
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
  const absl::StatusOr<View> view = session.Read();
  Edit edit = session.Begin();
  edit.Increment(QuantityPath(request.code))
      .Increment("cart/count")
      .Set("cart/last", request.code)
      .Increment("visit/requests");
  CommitEvent event = MakeEvent(Kind::kSubmitted, request);
  // A copy that may be stale shows no version; only a request that must see one asks.
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

}  // namespace sessionhub::bench
