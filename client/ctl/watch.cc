#include "client/ctl/watch.h"

#include <deque>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "client/ctl/json_report.h"
#include "client/ctl/node_name.h"
#include "client/ctl/table_report.h"
#include "proto/session/status_macros.h"
#include "sessionhub/client.h"

namespace sessionhub::ctl {
namespace {

// What the subscription has told and nobody has printed. The client bounds what it tells late.
class EventList {
 public:
  // Waits while `kept_max` events are unprinted: the rest then waits in the client's own queue.
  void Add(const Event& event) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &EventList::HasRoom));
    if (!closed_) events_.push_back(event);
  }
  Event Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &EventList::HasSome));
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  void Close() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  static constexpr size_t kKeptMax = 64;

  bool HasRoom() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return closed_ || events_.size() < kKeptMax;
  }
  bool HasSome() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !events_.empty(); }

  absl::Mutex mutex_;
  std::deque<Event> events_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

bool IsLast(const Event& event) {
  return event.kind == Event::Kind::kDeleted || event.kind == Event::Kind::kExpired ||
         event.kind == Event::Kind::kLost;
}

}  // namespace

absl::Status WatchSession(const CommandLine& line, AdminClient& admin, Terminal& terminal) {
  // A node's attach makes its app, if there is none: whoever only looks must not.
  const auto ignore = [](const v1::ListSessionsResponse&) { return absl::OkStatus(); };
  RETURN_IF_ERROR(admin.ListSessions(line.app, "", 1, /*full_ids=*/false, ignore).status());
  EventList events;     // outlives the client, whose thread adds to it
  absl::Mutex telling;  // the client's threads tell of it, too
  ClientOptions options = HubOf(line);
  options.app = line.app;
  options.node_name = NodeName();
  // Else nobody could tell a session in which nothing happens from a hub that is gone.
  options.log_sink = [&terminal, &telling](LogSeverity severity, const std::string& message) {
    absl::MutexLock lock(&telling);
    if (severity != LogSeverity::kInfo) terminal.err << message << std::endl;
  };
  ASSIGN_OR_RETURN(Client hub, Client::Connect(std::move(options)));
  OpenOptions open;
  open.timeout = line.timeout;
  ASSIGN_OR_RETURN(const Session session, hub.Open(line.id, open));
  ASSIGN_OR_RETURN(const Subscription subscription,
                   session.Subscribe([&events](const Event& event) { events.Add(event); }));
  if (const auto view = session.Read(); view.ok()) {
    absl::MutexLock lock(&telling);
    terminal.err << "Watching from version " << view->version() << " on." << std::endl;
  }
  bool lost = false;
  for (uint64_t printed = 0; line.count == 0 || printed < line.count; ++printed) {
    const Event event = events.Take();
    if (line.output == Output::kJson) {
      PrintJson(EventJson(event, line.full_ids), terminal.out);
    } else {
      PrintEvent(event, line.full_ids, terminal.out);
    }
    lost = event.kind == Event::Kind::kLost;
    if (IsLast(event) || !terminal.out.flush()) break;
  }
  events.Close();
  hub.Close(std::chrono::milliseconds(0));  // no callback runs any more
  if (lost) return absl::AbortedError("the hub tells no more of this session: watch it again");
  return absl::OkStatus();
}

}  // namespace sessionhub::ctl
