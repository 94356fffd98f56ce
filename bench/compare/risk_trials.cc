#include "bench/compare/risk_trials.h"

#include <algorithm>
#include <barrier>
#include <thread>
#include <utility>
#include <vector>

#include "bench/compare/interrupt.h"
#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;

constexpr size_t kChanging = 0;
constexpr size_t kOther = 1;

// For changes that are under way to arrive.
constexpr milliseconds kSettleMax{2'000};
// For nodes to find a server again.
constexpr milliseconds kServerBackMax{10'000};

absl::Status OkUnlessInterrupted() {
  return Interrupted() ? absl::CancelledError("interrupted") : absl::OkStatus();
}

// All at once, as in a crash; they start one after the other.
absl::Status RestartNodes(RiskSite* site) {
  for (size_t node = 0; node < site->nodes(); ++node) {
    RETURN_IF_ERROR(site->cluster().KillNode(node));
  }
  for (size_t node = 0; node < site->nodes(); ++node) {
    RETURN_IF_ERROR(OkUnlessInterrupted());
    RETURN_IF_ERROR(site->cluster().StartNode(node));
  }
  for (size_t node = 0; node < site->nodes(); ++node) RETURN_IF_ERROR(site->AwaitUsersOf(node));
  return absl::OkStatus();
}

// Each of their nodes is asked by a user of the session's home.
absl::StatusOr<RestartFigures> CountLeft(const std::vector<RiskSession>& sessions,
                                         milliseconds patience, const RiskSite& site) {
  std::vector<Copy> copies;
  for (const RiskSession& session : sessions) {
    copies.push_back({.session = &session, .node = session.home, .id = session.id});
  }
  RETURN_IF_ERROR(site.Watch(patience, &copies));
  return RestartFigures{.sessions = sessions.size(),
                        .left = TallyLast(copies).count(CopyState::kFresh)};
}

// Two nodes' part in the trials of concurrent changes: each session gets one change of each, and
// all are sent together.
struct ConcurrentNode {
  HttpConnection connection;
  const char* field;
  std::vector<RiskSession> sessions;
};

constexpr uint64_t kChanged = 1;

void ChangeInStep(std::barrier<>* step, ConcurrentNode* node) {
  for (RiskSession& session : node->sessions) {
    step->arrive_and_wait();
    Change(&node->connection, node->field, CounterText(kChanged), &session);
  }
}

}  // namespace

RiskPlan UsualRisks(size_t trials) {
  return {.trials = trials};
}

RiskPlan QuickRisks(size_t trials) {
  return {.trials = trials,
          .cut = milliseconds(1'000),
          .burst_nodes = 2,
          .burst_sessions = 20,
          .burst_changes = 10,
          .restart_sessions = 10,
          .quick = true};
}

absl::StatusOr<ConcurrentFigures> TryConcurrentChanges(const RiskPlan& plan, RiskSite* site) {
  size_t unshared = 0;
  ASSIGN_OR_RETURN(std::vector<RiskSession> sessions,
                   site->CreateShared(kChanging, plan.trials, &unshared));
  ConcurrentNode first = {site->Connect(kChanging), kFirstHot, sessions};
  ConcurrentNode second = {site->Connect(kOther), kSecondHot, sessions};
  std::barrier<> step(2);
  std::thread thread([&] { ChangeInStep(&step, &second); });
  ChangeInStep(&step, &first);
  thread.join();
  RETURN_IF_ERROR(OkUnlessInterrupted());
  ConcurrentFigures figures;
  figures.trials = sessions.size();
  for (size_t i = 0; i < sessions.size(); ++i) {
    SessionFields& acknowledged = sessions[i].acknowledged;
    acknowledged[kFirstHot] = first.sessions[i].acknowledged[kFirstHot];
    acknowledged[kSecondHot] = second.sessions[i].acknowledged[kSecondHot];
    const bool both = acknowledged[kFirstHot] == CounterText(kChanged) &&
                      acknowledged[kSecondHot] == CounterText(kChanged);
    if (!both) ++figures.refused;
  }
  std::vector<Copy> copies = CopiesAt(sessions, {kChanging, kOther});
  RETURN_IF_ERROR(site->Watch(kSettleMax, &copies));
  for (size_t i = 0; i < copies.size(); i += 2) {
    const bool is_lost =
        copies[i].last != CopyState::kFresh || copies[i + 1].last != CopyState::kFresh;
    if (is_lost) ++figures.lost;
  }
  return figures;
}

absl::StatusOr<RestartFigures> TryNodesRestart(const RiskPlan& plan, RiskSite* site) {
  std::vector<RiskSession> sessions;
  for (size_t node = 0; node < site->nodes(); ++node) {
    size_t unshared = 0;
    ASSIGN_OR_RETURN(
        const std::vector<RiskSession> of_node,
        site->CreateShared(node, (plan.restart_sessions + node) / site->nodes(), &unshared));
    sessions.insert(sessions.end(), of_node.begin(), of_node.end());
  }
  RETURN_IF_ERROR(RestartNodes(site));
  return CountLeft(sessions, kSettleMax, *site);
}

absl::StatusOr<std::optional<RestartFigures>> TryServerRestart(const RiskPlan& plan,
                                                               RiskSite* site) {
  if (site->cluster().ServerPids().empty()) return std::nullopt;
  size_t unshared = 0;
  ASSIGN_OR_RETURN(const std::vector<RiskSession> sessions,
                   site->CreateShared(kChanging, plan.restart_sessions, &unshared));
  RETURN_IF_ERROR(site->AwaitQuiet());
  const absl::Status restarted = site->cluster().RestartServer();
  if (absl::IsFailedPrecondition(restarted)) return std::nullopt;
  RETURN_IF_ERROR(restarted);
  // Else they would answer from their own memory, whatever the server has kept.
  RETURN_IF_ERROR(RestartNodes(site));
  return CountLeft(sessions, kServerBackMax, *site);
}

}  // namespace sessionhub::bench
