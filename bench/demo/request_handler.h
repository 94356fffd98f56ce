// RequestHandler: what a web node does with one request, and what it writes down about it.
#ifndef BENCH_DEMO_REQUEST_HANDLER_H_
#define BENCH_DEMO_REQUEST_HANDLER_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/demo/event_writer.h"
#include "bench/demo/request.h"
#include "sessionhub/client.h"

namespace sessionhub::bench {

// Safe from any thread. The client must be closed before the handler goes: commits call back into
// it.
class RequestHandler {
 public:
  // `client` and `events` outlive the handler.
  RequestHandler(size_t unanswered_max, std::chrono::milliseconds open_patience, Client* client,
                 EventWriter* events)
      : unanswered_max_(unanswered_max),
        open_patience_(open_patience),
        client_(client),
        events_(events) {}

  // Opens the session, adds the item and commits, without waiting for the answer; or opens it anew
  // and leaves it at that. Tries to open for at most `open_patience` while the hub does not answer.
  void Handle(const Request& request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Every session that was opened here, in order of id.
  std::vector<std::string> OpenedIds() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t unanswered() const ABSL_LOCKS_EXCLUDED(mutex_);
  // How a Read of the session that was opened last is answered now. NotFound if none was opened.
  absl::Status ReadLast() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<Session> OpenPatiently(const Request& request);
  void Submit(const Request& request, const Session& session);
  void OnCommitted(const Request& request, const Committed& committed);

  const size_t unanswered_max_;
  const std::chrono::milliseconds open_patience_;
  Client* const client_;
  EventWriter* const events_;

  mutable absl::Mutex mutex_;
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::string> opened_ ABSL_GUARDED_BY(mutex_);
  std::optional<Session> last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_REQUEST_HANDLER_H_
