#include "bench/compare/web_node.h"

#include <httplib.h>
#include <pthread.h>
#include <signal.h>

#include <memory>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "bench/compare/fields_text.h"
#include "proto/session/status_macros.h"
#include "sessionhub/session_id.h"

namespace sessionhub::bench {
namespace {

using httplib::Request;
using httplib::Response;

// A thread serves a connection for as long as it stands, so there are more than a driver opens.
constexpr size_t kThreads = 64;
constexpr time_t kIdleMaxS = 600;
// Not text/plain: that would be compressed.
constexpr char kBodyType[] = "application/octet-stream";

void AnswerError(const absl::Status& status, Response* response) {
  response->status = absl::IsNotFound(status) ? 404 : 500;
  response->set_content(status.ToString() + "\n", "text/plain");
}

std::string SessionOf(const Request& request) {
  return FindSessionId(request.get_header_value("Cookie"));
}

class WebNode {
 public:
  explicit WebNode(std::unique_ptr<NodeSessions> sessions);

  absl::Status Listen(const std::string& ip);
  void Serve() { server_.listen_after_bind(); }
  // Takes no further request, waits for those that run, and ends the sharing of sessions.
  void Stop();

 private:
  using Handler = absl::Status (WebNode::*)(const Request& request, Response* response);

  httplib::Server::Handler Answer(Handler handler);
  bool Begin();
  void End();
  bool NoneRuns() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ == 0; }
  absl::Status Ready(const Request&, Response*) { return absl::OkStatus(); }
  absl::Status Create(const Request& request, Response* response);
  absl::Status Change(const Request& request, Response* response);
  absl::Status Read(const Request& request, Response* response);
  absl::Status Dump(const Request& request, Response* response);

  std::unique_ptr<NodeSessions> sessions_;
  absl::Mutex mutex_;
  size_t running_ ABSL_GUARDED_BY(mutex_) = 0;  // requests
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  httplib::Server server_;
};

WebNode::WebNode(std::unique_ptr<NodeSessions> sessions) : sessions_(std::move(sessions)) {
  server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server_.set_keep_alive_max_count(static_cast<size_t>(-1));
  server_.set_keep_alive_timeout(kIdleMaxS);
  server_.set_tcp_nodelay(true);
  server_.Post("/create", Answer(&WebNode::Create));
  server_.Post("/change", Answer(&WebNode::Change));
  server_.Get("/read", Answer(&WebNode::Read));
  server_.Get("/dump", Answer(&WebNode::Dump));
  server_.Get("/ready", Answer(&WebNode::Ready));
}

httplib::Server::Handler WebNode::Answer(Handler handler) {
  return [this, handler](const Request& request, Response& response) {
    if (!Begin()) return AnswerError(absl::UnavailableError("this node ends"), &response);
    const absl::Status status = (this->*handler)(request, &response);
    End();
    if (!status.ok()) AnswerError(status, &response);
  };
}

bool WebNode::Begin() {
  absl::MutexLock lock(&mutex_);
  if (!stopped_) ++running_;
  return !stopped_;
}

void WebNode::End() {
  absl::MutexLock lock(&mutex_);
  --running_;
}

void WebNode::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    mutex_.Await(absl::Condition(this, &WebNode::NoneRuns));
  }
  sessions_.reset();
}

absl::Status WebNode::Listen(const std::string& ip) {
  // The library would ask for SO_REUSEPORT, which does not help where the port is still in the
  // TIME_WAIT of connections that another program's server has closed.
  int listener = -1;
  server_.set_socket_options([&listener](int fd) {
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    listener = fd;
  });
  const bool bound = server_.bind_to_port(ip, kWebPort);
  // The library lets five wait: of more that connect at once, some would try again a second later.
  if (bound && listen(listener, SOMAXCONN) == 0) return absl::OkStatus();
  return absl::UnavailableError("cannot listen on " + ip + ":" + std::to_string(kWebPort));
}

absl::Status WebNode::Create(const Request& request, Response* response) {
  ASSIGN_OR_RETURN(const SessionFields fields, ParseFields(request.body));
  ASSIGN_OR_RETURN(const std::string id, NewSessionId());
  RETURN_IF_ERROR(sessions_->Create(id, fields));
  response->set_header("Set-Cookie", std::string(kSessionCookie) + "=" + id + "; Path=/; HttpOnly");
  return absl::OkStatus();
}

absl::Status WebNode::Change(const Request& request, Response* /*response*/) {
  ASSIGN_OR_RETURN(const SessionFields changes, ParseFields(request.body));
  return sessions_->Change(SessionOf(request), changes);
}

absl::Status WebNode::Read(const Request& request, Response* response) {
  ASSIGN_OR_RETURN(const SessionFields fields, sessions_->Read(SessionOf(request)));
  const auto field = fields.find(request.get_param_value("field"));
  response->set_content(field == fields.end() ? "" : field->second, kBodyType);
  return absl::OkStatus();
}

absl::Status WebNode::Dump(const Request& request, Response* response) {
  ASSIGN_OR_RETURN(const SessionFields fields, sessions_->Read(SessionOf(request)));
  response->set_content(FormatFields(fields), kBodyType);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunWebNode(const WebNodeOptions& options) {
  // Taken by sigwait alone; every thread inherits the mask.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ASSIGN_OR_RETURN(std::unique_ptr<NodeSessions> sessions, MakeNodeSessions(options.sessions));
  // httplib's threads use it to the end of the process: one that waits for a user's next request
  // would be joined only once the user goes.
  WebNode* const node = new WebNode(std::move(sessions));
  RETURN_IF_ERROR(node->Listen(options.front_ip));
  std::thread([node] { node->Serve(); }).detach();
  int signal = 0;
  sigwait(&signals, &signal);
  node->Stop();
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
