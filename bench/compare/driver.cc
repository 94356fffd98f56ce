#include "bench/compare/driver.h"

#include <functional>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "bench/compare/fields_text.h"
#include "bench/compare/interrupt.h"
#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {

void RequestTally::Add(const absl::StatusOr<HttpAnswer>& answer, const std::string& what,
                       int64_t latency_us) {
  if (answer.ok() && answer->status == 200) {
    latency.Record(latency_us);
    return;
  }
  if (errors++ > 0) return;
  first_error = what + ": ";
  first_error += answer.ok() ? std::to_string(answer->status) + " " + answer->body
                             : answer.status().ToString();
}

void RequestTally::Merge(const RequestTally& other) {
  latency.Merge(other.latency);
  changes += other.changes;
  reads += other.reads;
  if (errors == 0) first_error = other.first_error;
  errors += other.errors;
}

// So many to each node as the cell says. A sticky user has one of its own, since a balancer tells
// users by their addresses; with round-robin a user takes one that nobody uses.
class Driver::Connections {
 public:
  static absl::StatusOr<std::unique_ptr<Connections>> Open(const TestBed& bed,
                                                           const Cluster& cluster,
                                                           const Cell& cell);

  // Runs with a connection for this user to this node.
  void With(size_t node, size_t user, const std::function<void(HttpConnection*)>& action);

 private:
  struct OfNode {
    std::vector<HttpConnection> all;
    absl::Mutex mutex;
    std::vector<size_t> free ABSL_GUARDED_BY(mutex);
    bool any_free() const ABSL_SHARED_LOCKS_REQUIRED(mutex) { return !free.empty(); }
  };

  explicit Connections(const Cell& cell) : nodes_(cell.nodes), sticky_(!cell.round_robin) {}

  std::vector<OfNode> nodes_;
  const bool sticky_;
};

absl::StatusOr<std::unique_ptr<Driver::Connections>> Driver::Connections::Open(
    const TestBed& bed, const Cluster& cluster, const Cell& cell) {
  std::unique_ptr<Connections> connections(new Connections(cell));
  for (size_t user = 0; user < UsersOf(cell); ++user) {
    const size_t node = user % cell.nodes;
    OfNode& of_node = connections->nodes_[node];
    HttpConnection& connection =
        of_node.all.emplace_back(cluster.FrontAddress(node), bed.ClientIp(user));
    RETURN_IF_ERROR(connection.Get("/ready", "").status());
    absl::MutexLock lock(&of_node.mutex);
    of_node.free.push_back(of_node.all.size() - 1);
  }
  return connections;
}

void Driver::Connections::With(size_t node, size_t user,
                               const std::function<void(HttpConnection*)>& action) {
  OfNode& of_node = nodes_[node];
  if (sticky_) return action(&of_node.all[user / nodes_.size()]);
  size_t taken = 0;
  {
    absl::MutexLock lock(&of_node.mutex);
    of_node.mutex.Await(absl::Condition(&of_node, &OfNode::any_free));
    taken = of_node.free.back();
    of_node.free.pop_back();
  }
  action(&of_node.all[taken]);
  absl::MutexLock lock(&of_node.mutex);
  of_node.free.push_back(taken);
}

Driver::Driver(const Cell& cell) : cell_(cell), session_ids_(cell.sessions) {}
Driver::~Driver() = default;

absl::StatusOr<std::unique_ptr<Driver>> Driver::Make(const TestBed& bed, const Cluster& cluster,
                                                     const Cell& cell) {
  RETURN_IF_ERROR(CheckCell(cell));
  std::unique_ptr<Driver> driver(new Driver(cell));
  ASSIGN_OR_RETURN(driver->connections_, Connections::Open(bed, cluster, cell));
  return driver;
}

// `work` is called once for each user, on a thread of its own.
template <typename Work>
absl::StatusOr<RequestTally> Driver::InThreads(const Work& work) {
  std::vector<RequestTally> tallies(UsersOf(cell_));
  std::vector<std::thread> threads;
  for (size_t user = 0; user < tallies.size(); ++user) {
    threads.emplace_back([&work, user, tally = &tallies[user]] { work(user, tally); });
  }
  for (std::thread& thread : threads) thread.join();
  if (Interrupted()) return absl::CancelledError("interrupted");
  RequestTally sum;
  sum.end_us = MonotonicMicros();
  for (const RequestTally& tally : tallies) sum.Merge(tally);
  return sum;
}

absl::StatusOr<RequestTally> Driver::CreateSessions() {
  return InThreads([this](size_t user, RequestTally* tally) { CreateSessionsOf(user, tally); });
}

void Driver::CreateSessionsOf(size_t user, RequestTally* tally) {
  for (size_t session = user; session < cell_.sessions && !Interrupted();
       session += UsersOf(cell_)) {
    const std::string body = FormatFields(FirstFields(cell_, session));
    ++tally->changes;
    connections_->With(HomeOf(cell_, session), user, [&](HttpConnection* connection) {
      const int64_t begin_us = MonotonicMicros();
      const absl::StatusOr<HttpAnswer> answer = connection->Post("/create", "", body);
      tally->Add(answer, "POST /create", MonotonicMicros() - begin_us);
      if (answer.ok()) session_ids_[session] = answer->session_id;
    });
  }
}

absl::StatusOr<RequestTally> Driver::Run(size_t requests, uint64_t stream) {
  Cell cell = cell_;
  cell.requests = requests;
  return RunFor(std::chrono::hours(24), cell, stream);
}

absl::StatusOr<RequestTally> Driver::RunFor(std::chrono::milliseconds time, const Cell& cell,
                                            uint64_t stream) {
  const int64_t end_us = MonotonicMicros() + std::chrono::microseconds(time).count();
  return InThreads(
      [&](size_t user, RequestTally* tally) { RunUser(user, cell, stream, end_us, tally); });
}

void Driver::RunUser(size_t user, const Cell& cell, uint64_t stream, int64_t end_us,
                     RequestTally* tally) {
  UserRequests requests(cell, user, stream);
  const size_t least = kRequestsMin / UsersOf(cell) + 1;
  for (size_t i = 0; i < requests.count() && !Interrupted(); ++i) {
    if (i >= least && MonotonicMicros() >= end_us) break;
    const WebRequest request = requests.Next();
    const bool reads = request.changes.empty();
    const std::string body = FormatFields(request.changes);
    const std::string path = reads ? "/read?field=" + request.read_field : "/change";
    std::string& id = session_ids_[request.session];
    ++(reads ? tally->reads : tally->changes);
    connections_->With(request.node, user, [&](HttpConnection* connection) {
      const int64_t begin_us = MonotonicMicros();
      const absl::StatusOr<HttpAnswer> answer =
          reads ? connection->Get(path, id) : connection->Post(path, id, body);
      tally->Add(answer, (reads ? "GET " : "POST ") + path, MonotonicMicros() - begin_us);
      // A server may give a session another id, as one that has moved to another node.
      if (answer.ok() && !answer->session_id.empty()) id = answer->session_id;
    });
  }
}

absl::StatusOr<SessionFields> Driver::Dump(size_t node, size_t session) {
  absl::StatusOr<HttpAnswer> answer = absl::InternalError("");
  const size_t user = node;  // has a connection there, whether sticky or not
  connections_->With(node, user, [&](HttpConnection* connection) {
    answer = connection->Get("/dump", session_ids_[session]);
  });
  RETURN_IF_ERROR(answer.status());
  if (answer->status == 200) return ParseFields(answer->body);
  const std::string text = "node " + std::to_string(node) + " answers " +
                           std::to_string(answer->status) + " " + answer->body;
  return answer->status == 404 ? absl::NotFoundError(text) : absl::InternalError(text);
}

}  // namespace sessionhub::bench
