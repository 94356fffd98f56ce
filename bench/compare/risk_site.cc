#include "bench/compare/risk_site.h"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "bench/compare/fields_text.h"
#include "bench/compare/interrupt.h"
#include "bench/compare/node_cluster.h"
#include "bench/compare/workload.h"
#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAskPause{5};
// A node that hangs costs no more than this when all of its copies are looked at.
constexpr milliseconds kLookMax{20'000};
constexpr milliseconds kShareMax{1'000};
constexpr int kShareRounds = 3;

constexpr milliseconds kRiskQuietWindow{1'000};
constexpr int kRiskQuietWindowsMax = 8;
constexpr uint64_t kRiskQuietBytesMax = 4'000;

// Of the third numbers of addresses, by which a balancer tells users.
constexpr size_t kClientsTried = 64;
// nginx leaves a node alone for 10 s that has not answered.
constexpr milliseconds kUsersBackMax{30'000};
constexpr milliseconds kUsersBackPause{100};

int64_t EndUs(milliseconds patience) {
  return MonotonicMicros() + microseconds(patience).count();
}

Cell CellOfSessions(size_t nodes) {
  Cell cell;
  cell.nodes = nodes;
  cell.fields_changed = 2;
  return cell;
}

}  // namespace

std::vector<Copy> CopiesAt(const std::vector<RiskSession>& sessions,
                           const std::vector<size_t>& nodes) {
  std::vector<Copy> copies;
  for (const RiskSession& session : sessions) {
    for (const size_t node : nodes) {
      Copy& copy = copies.emplace_back();
      copy.session = &session;
      copy.node = node;
      copy.id = session.id;
    }
  }
  return copies;
}

CopyTally TallyFirst(const std::vector<Copy>& copies) {
  CopyTally tally;
  for (const Copy& copy : copies) tally.Add(copy.first);
  return tally;
}

CopyTally TallyLast(const std::vector<Copy>& copies) {
  CopyTally tally;
  for (const Copy& copy : copies) tally.Add(copy.last);
  return tally;
}

int64_t MedianCatchUpUs(const std::vector<Copy>& copies) {
  std::vector<int64_t> times_us;
  for (const Copy& copy : copies) {
    if (copy.fresh_after_us >= 0) times_us.push_back(copy.fresh_after_us);
  }
  return MedianUs(std::move(times_us));
}

void Ask(HttpConnection* connection, int64_t begin_us, Copy* copy) {
  const absl::StatusOr<HttpAnswer> answer = connection->Get("/dump", copy->id);
  copy->last = JudgeCopy(answer, copy->session->acknowledged);
  if (answer.ok() && !answer->session_id.empty()) copy->id = answer->session_id;
  if (!copy->asked) {
    copy->first = copy->last;
  } else if (copy->last == CopyState::kFresh) {
    copy->fresh_after_us = MonotonicMicros() - begin_us;
  }
  copy->asked = true;
}

void AskUntilFresh(HttpConnection* connection, milliseconds patience, Copy* copy) {
  const int64_t begin_us = MonotonicMicros();
  const int64_t end_us = EndUs(patience);
  Ask(connection, begin_us, copy);
  while (copy->last != CopyState::kFresh && MonotonicMicros() < end_us && !Interrupted()) {
    std::this_thread::sleep_for(kAskPause);
    Ask(connection, begin_us, copy);
  }
}

absl::Status Create(HttpConnection* connection, RiskSession* session) {
  ASSIGN_OR_RETURN(const HttpAnswer answer,
                   connection->Post("/create", "", FormatFields(session->acknowledged)));
  session->id = answer.session_id;
  if (answer.status == 200) return absl::OkStatus();
  return absl::UnavailableError("POST /create is answered with " + std::to_string(answer.status) +
                                " " + answer.body);
}

int Change(HttpConnection* connection, const std::string& field, const std::string& value,
           RiskSession* session) {
  const absl::StatusOr<HttpAnswer> answer =
      connection->Post("/change", session->id, FormatFields({{field, value}}));
  if (!answer.ok()) return 0;
  if (answer->status != 200) return answer->status;
  session->acknowledged[field] = value;
  if (!answer->session_id.empty()) session->id = answer->session_id;
  return answer->status;
}

absl::StatusOr<std::unique_ptr<RiskSite>> RiskSite::Make(const TestBed* bed, Cluster* cluster,
                                                         const ClusterOptions& options) {
  std::unique_ptr<RiskSite> site(new RiskSite(bed, cluster, options));
  RETURN_IF_ERROR(site->FindClients());
  return site;
}

std::vector<size_t> RiskSite::OthersThan(size_t node) const {
  std::vector<size_t> others;
  for (size_t other = 0; other < nodes(); ++other) {
    if (other != node) others.push_back(other);
  }
  return others;
}

bool RiskSite::HasBalancer() const {
  return nodes() > 1 && cluster_.FrontAddress(0) == cluster_.FrontAddress(1);
}

absl::Status RiskSite::FindClients() {
  if (!HasBalancer()) {
    for (size_t node = 0; node < nodes(); ++node) clients_[node] = bed_.ClientIp(node);
    return absl::OkStatus();
  }
  for (size_t client = 0; client < kClientsTried; ++client) {
    const std::string ip = bed_.ClientIp(client);
    ASSIGN_OR_RETURN(const size_t node, NodeOfClient(ip));
    clients_[node] = ip;
    if (std::ranges::count(clients_, "") == 0) return absl::OkStatus();
  }
  return absl::UnavailableError("of " + std::to_string(kClientsTried) +
                                " users the balancer sends none to one of the nodes");
}

// By whom has the session that this user creates; the nodes themselves are asked.
absl::StatusOr<size_t> RiskSite::NodeOfClient(const std::string& ip) {
  HttpConnection user(cluster_.FrontAddress(0), ip);
  RiskSession session = Draft(0);
  RETURN_IF_ERROR(Create(&user, &session));
  for (size_t node = 0; node < nodes(); ++node) {
    HttpConnection itself(WebAddress(bed_, node + 1), "");
    ASSIGN_OR_RETURN(const HttpAnswer answer, itself.Get("/dump", session.id));
    if (answer.status == 200) return node;
  }
  return absl::UnavailableError("no node has the session that the user at " + ip + " has created");
}

HttpConnection RiskSite::ConnectUser(size_t home, size_t node) const {
  return HttpConnection(cluster_.FrontAddress(node), clients_[home]);
}

RiskSession RiskSite::Draft(size_t home) {
  const Cell cell = CellOfSessions(nodes());
  RiskSession session;
  session.home = home;
  // Of every so many sessions of a workload the first fields are the hot ones.
  session.acknowledged = FirstFields(cell, cell.fields * drafts_++);
  session.acknowledged[kFirstHot] = session.acknowledged[kSecondHot] = CounterText(0);
  return session;
}

absl::StatusOr<std::vector<RiskSession>> RiskSite::CreateShared(size_t home, size_t count,
                                                                size_t* unshared) {
  HttpConnection connection = Connect(home);
  std::vector<RiskSession> sessions;
  for (size_t i = 0; i < count; ++i) {
    if (Interrupted()) return absl::CancelledError("interrupted");
    RETURN_IF_ERROR(Create(&connection, &sessions.emplace_back(Draft(home))));
  }
  *unshared = 0;
  if (round_robin()) {
    ASSIGN_OR_RETURN(*unshared, Share(home, &sessions));
  } else {
    RETURN_IF_ERROR(AwaitQuiet());
  }
  return sessions;
}

absl::StatusOr<size_t> RiskSite::Share(size_t home, std::vector<RiskSession>* sessions) const {
  HttpConnection connection = Connect(home);
  std::set<const RiskSession*> unshared;
  for (int round = 0; round < kShareRounds; ++round) {
    for (const RiskSession* const session : unshared) {
      // Whatever is answered, the others are asked again.
      connection.Post("/change", session->id, FormatFields(session->acknowledged)).IgnoreError();
    }
    std::vector<Copy> copies = CopiesAt(*sessions, OthersThan(home));
    RETURN_IF_ERROR(Watch(kShareMax, &copies));
    unshared.clear();
    for (const Copy& copy : copies) {
      if (copy.last != CopyState::kFresh) unshared.insert(copy.session);
    }
    if (unshared.empty()) break;
  }
  return unshared.size();
}

absl::Status RiskSite::Watch(milliseconds patience, std::vector<Copy>* copies) const {
  std::vector<HttpConnection> connections;
  for (size_t node = 0; node < nodes(); ++node) connections.push_back(Connect(node));
  const int64_t begin_us = MonotonicMicros();
  const int64_t end_us = EndUs(patience);
  const int64_t first_end_us = EndUs(std::max(patience, kLookMax));
  for (bool first = true;; first = false) {
    bool all_fresh = true;
    for (Copy& copy : *copies) {
      if (copy.asked && copy.last == CopyState::kFresh) continue;
      if (Interrupted()) return absl::CancelledError("interrupted");
      if (MonotonicMicros() < (first ? first_end_us : end_us)) {
        Ask(&connections[copy.node], begin_us, &copy);
      }
      if (copy.last != CopyState::kFresh) all_fresh = false;
    }
    if (all_fresh || MonotonicMicros() >= end_us) return absl::OkStatus();
    std::this_thread::sleep_for(kAskPause);
  }
}

absl::Status RiskSite::AwaitQuiet() const {
  ASSIGN_OR_RETURN(BackCounters before, bed_.Count());
  for (int window = 0; window < kRiskQuietWindowsMax && !Interrupted(); ++window) {
    std::this_thread::sleep_for(kRiskQuietWindow);
    ASSIGN_OR_RETURN(const BackCounters after, bed_.Count());
    if ((after - before).bytes <= kRiskQuietBytesMax) break;
    before = after;
  }
  return Interrupted() ? absl::CancelledError("interrupted") : absl::OkStatus();
}

absl::Status RiskSite::AwaitUsersOf(size_t node) {
  if (!HasBalancer()) return absl::OkStatus();
  const int64_t end_us = EndUs(kUsersBackMax);
  while (MonotonicMicros() < end_us && !Interrupted()) {
    const absl::StatusOr<size_t> found = NodeOfClient(clients_[node]);
    if (found.ok() && *found == node) return absl::OkStatus();
    std::this_thread::sleep_for(kUsersBackPause);
  }
  if (Interrupted()) return absl::CancelledError("interrupted");
  return absl::DeadlineExceededError("the balancer did not send the users of node " +
                                     std::to_string(node) + " back to it within " +
                                     std::to_string(kUsersBackMax.count() / 1'000) + " s");
}

}  // namespace sessionhub::bench
