#include "bench/demo/node.h"

#include <charconv>
#include <chrono>
#include <deque>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "bench/demo/carts_writer.h"
#include "bench/demo/event_writer.h"
#include "bench/demo/request_handler.h"
#include "bench/demo/tcp_counters.h"
#include "proto/session/status_macros.h"
#include "sessionhub/client.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAttachMax{20'000};
constexpr milliseconds kFlushMax{10'000};
constexpr milliseconds kSettleMax{25'000};
constexpr milliseconds kLook{5};
// Beyond so many requests that wait, a further one that only opens a session is left out: whoever
// asks for them asks again, as fast as it can, and a settled node has done all that it was asked.
constexpr size_t kWaitingMax = 1'000;

// Requests between the thread that reads them and those that handle them.
class RequestQueue {
 public:
  void Push(Request request) {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(std::move(request));
    ++unfinished_;
  }
  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  // What Pop has returned was handled.
  void Done() {
    absl::MutexLock lock(&mutex_);
    --unfinished_;
  }
  // Requests that were pushed and not handled.
  size_t unfinished() const {
    absl::MutexLock lock(&mutex_);
    return unfinished_;
  }
  // Nothing once the queue is closed and empty.
  std::optional<Request> Pop() {
    const auto has_news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return closed_ || !requests_.empty();
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&has_news));
    if (requests_.empty()) return std::nullopt;
    Request request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }

 private:
  mutable absl::Mutex mutex_;
  std::deque<Request> requests_ ABSL_GUARDED_BY(mutex_);
  size_t unfinished_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

std::string WaitForHub(const Client& client) {
  const auto deadline = steady_clock::now() + kAttachMax;
  while (!client.attached() && steady_clock::now() < deadline) std::this_thread::sleep_for(kLook);
  return client.attached() ? "yes" : "no";
}

std::string WaitForAnswers(const RequestQueue& queue, const RequestHandler& handler) {
  const auto deadline = steady_clock::now() + kSettleMax;
  const auto settled = [&] { return queue.unfinished() == 0 && handler.unanswered() == 0; };
  while (!settled() && steady_clock::now() < deadline) std::this_thread::sleep_for(kLook);
  return settled() ? "yes" : "no";
}

std::string DescribeStats(const ClientStats& stats) {
  return nlohmann::json{{"commits_applied", stats.commits_applied},
                        {"commits_refused", stats.commits_refused},
                        {"forwards_received", stats.forwards_received},
                        {"catch_ups_received", stats.catch_ups_received},
                        {"resyncs", stats.resyncs},
                        {"attaches", stats.attaches},
                        {"resent", stats.resent},
                        {"pending", stats.pending},
                        {"cached_sessions", stats.cached_sessions}}
      .dump();
}

absl::Status WriteViews(const std::string& path, const std::vector<std::string>& ids,
                        Client* client) {
  std::ofstream file(path, std::ios::trunc);
  for (const std::string& id : ids) {
    const absl::StatusOr<Session> session = client->Open(id);
    // Whether it ought to be there is for the checker to say.
    if (session.status().code() == absl::StatusCode::kNotFound) continue;
    RETURN_IF_ERROR(session.status());
    ASSIGN_OR_RETURN(const View view, session->Read());
    nlohmann::json fields = nlohmann::json::object();
    view.ForEach(
        "", [&](const std::string& field, const Value& value) { fields[field] = ToJson(value); });
    file << FormatCart(id, view.version(), std::move(fields));
  }
  file.flush();
  return file ? absl::OkStatus() : absl::UnavailableError("cannot write " + path);
}

uint16_t PortOf(const std::string& endpoint) {
  uint16_t port = 0;
  const size_t colon = endpoint.rfind(':') + 1;
  std::from_chars(endpoint.data() + colon, endpoint.data() + endpoint.size(), port);
  return port;
}

// What the orchestrator asks. An unknown command is answered so.
std::string Answer(const NodeOptions& options, const std::string& word, const std::string& rest,
                   const RequestHandler& handler, const RequestQueue& queue, Client* client) {
  if (word == "ready") return "yes";
  if (word == "attached") return WaitForHub(*client);
  if (word == "settled") return WaitForAnswers(queue, handler);
  if (word == "read") return absl::StatusCodeToString(handler.ReadLast().code());
  if (word == "stats") return DescribeStats(client->stats());
  if (word == "tcp") return FormatTcpCounters(CountConnectionsTo(PortOf(options.endpoint)));
  if (word == "views") return WriteViews(rest, handler.OpenedIds(), client).ToString();
  return "unknown command";
}

void ReadInput(const NodeOptions& options, const RequestHandler& handler, const EventWriter& events,
               Client* client, RequestQueue* queue) {
  std::string line;
  while (std::getline(std::cin, line) && line != "quit") {
    if (std::optional<Request> request = ParseRequest(line)) {
      if (!request->reopen || queue->unfinished() < kWaitingMax) queue->Push(*std::move(request));
      continue;
    }
    const size_t tab = line.find('\t');
    const std::string word = line.substr(0, tab);
    const std::string rest = tab == std::string::npos ? "" : line.substr(tab + 1);
    events.Answer(word, Answer(options, word, rest, handler, *queue, client));
  }
}

}  // namespace

absl::Status RunNode(const NodeOptions& options) {
  ClientOptions client_options;
  client_options.endpoints = {options.endpoint};
  client_options.app = options.app;
  client_options.node_name = options.name;
  client_options.stale_max = milliseconds(options.stale_max_ms);
  client_options.log_sink = [](LogSeverity, const std::string& line) { std::cerr << line + "\n"; };
  ASSIGN_OR_RETURN(EventWriter events, EventWriter::Open(options.log_path));
  ASSIGN_OR_RETURN(Client client, Client::Connect(std::move(client_options)));
  RequestHandler handler(options.unanswered_max, milliseconds(options.open_patience_ms), &client,
                         &events);
  RequestQueue queue;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options.threads; ++i) {
    threads.emplace_back([&] {
      while (const std::optional<Request> request = queue.Pop()) {
        handler.Handle(*request);
        queue.Done();
      }
    });
  }
  ReadInput(options, handler, events, &client, &queue);
  queue.Close();
  for (std::thread& thread : threads) thread.join();
  const size_t unanswered = client.Close(kFlushMax);
  if (unanswered == 0) return absl::OkStatus();
  return absl::DeadlineExceededError(std::to_string(unanswered) + " commits were never answered");
}

}  // namespace sessionhub::bench
