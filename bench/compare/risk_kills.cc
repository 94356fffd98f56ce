// The trials in which a node is killed.
#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include "bench/compare/interrupt.h"
#include "bench/compare/risk_trials.h"
#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr size_t kKilled = 0;
constexpr size_t kAsked = 1;
// What waits for a balancer takes longer than the first, a virtual machine longer than the second.
constexpr milliseconds kQuickStart{400};
constexpr milliseconds kSlowStart{2'000};
constexpr size_t kSessionsOfSlow = 25;
// For what the node has sent before its end to arrive.
constexpr milliseconds kCatchUpMax{2'000};

// Changes its session at a node for as long as the node answers, and asks the other one at once.
struct KillUser {
  HttpConnection at_killed;
  HttpConnection at_asked;
  RiskSession session;
  Copy copy = {};
};

// What the users and the one who kills tell each other.
struct KillSignals {
  std::latch ready;                // each user has sent its changes, and goes on
  std::atomic<bool> over = false;  // the node does not run any more
};

void ChangeUntilTheEnd(size_t changes, KillSignals* signals, KillUser* user) {
  uint64_t sent = 0;
  bool answered = true;
  while (answered && !signals->over && !Interrupted()) {
    answered = Change(&user->at_killed, kFirstHot, CounterText(sent + 1), &user->session) != 0;
    if (++sent == changes) signals->ready.count_down();
  }
  if (sent < changes) signals->ready.count_down();
  user->copy = {.session = &user->session, .node = kAsked, .id = user->session.id};
  AskUntilFresh(&user->at_asked, kCatchUpMax, &user->copy);
}

std::vector<KillUser> UsersOf(const std::vector<RiskSession>& sessions, const RiskSite& site) {
  std::vector<KillUser> users;
  for (const RiskSession& session : sessions) {
    users.push_back({site.Connect(kKilled), site.ConnectUser(kKilled, kAsked), session});
    // Opens the connection, which takes longer than a change takes to arrive.
    users.back().at_asked.Get("/ready", "").IgnoreError();
  }
  return users;
}

// One kill, of these sessions' node. Returns how long it takes to start again.
absl::StatusOr<microseconds> KillUnder(const std::vector<RiskSession>& sessions,
                                       const RiskPlan& plan, RiskSite* site,
                                       std::vector<KillUser>* users) {
  *users = UsersOf(sessions, *site);
  KillSignals signals{.ready = std::latch(static_cast<ptrdiff_t>(users->size()))};
  std::vector<std::thread> threads;
  for (KillUser& user : *users) {
    threads.emplace_back(
        [&, user = &user] { ChangeUntilTheEnd(plan.changes_before_kill, &signals, user); });
  }
  signals.ready.wait();
  const absl::Status killed = site->cluster().KillNode(kKilled);
  signals.over = true;
  for (std::thread& thread : threads) thread.join();
  RETURN_IF_ERROR(killed);
  if (Interrupted()) return absl::CancelledError("interrupted");
  const int64_t begin_us = MonotonicMicros();
  RETURN_IF_ERROR(site->cluster().StartNode(kKilled));
  RETURN_IF_ERROR(site->AwaitUsersOf(kKilled));
  return microseconds(MonotonicMicros() - begin_us);
}

}  // namespace

absl::StatusOr<KilledFigures> TryKills(const RiskPlan& plan, RiskSite* site) {
  KilledFigures figures;
  std::vector<int64_t> catch_up_us;
  microseconds starts(0), start(0);  // how long a node takes to start again: all, on average
  while ((start < kQuickStart ? figures.lost_by_kill.size() : figures.last.all()) < plan.trials) {
    const size_t per_kill = start < kSlowStart ? plan.sessions_per_kill : kSessionsOfSlow;
    size_t unshared = 0;
    ASSIGN_OR_RETURN(const std::vector<RiskSession> sessions,
                     site->CreateShared(kKilled, per_kill, &unshared));
    std::vector<KillUser> users;
    ASSIGN_OR_RETURN(const microseconds taken, KillUnder(sessions, plan, site, &users));
    size_t& lost = figures.lost_by_kill.emplace_back(0);
    starts += taken;
    start = starts / figures.lost_by_kill.size();
    for (const KillUser& user : users) {
      figures.first.Add(user.copy.first);
      figures.last.Add(user.copy.last);
      if (user.copy.last != CopyState::kFresh) ++lost;
      if (user.copy.fresh_after_us >= 0) catch_up_us.push_back(user.copy.fresh_after_us);
    }
    figures.unshared += unshared;
  }
  figures.catch_up_p50_us = MedianUs(std::move(catch_up_us));
  return figures;
}

}  // namespace sessionhub::bench
