// The trial in which sessions are changed and created as fast as one node answers.
#include <thread>
#include <utility>
#include <vector>

#include "bench/compare/interrupt.h"
#include "bench/compare/risk_trials.h"
#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;

constexpr size_t kBusy = 0;
constexpr size_t kBurstUsers = 4;

// Changes its sessions in turn, and creates one more beside the first change of each.
struct BurstUser {
  HttpConnection connection;
  std::vector<RiskSession*> changed;
  std::vector<RiskSession*> created;
  size_t requests = 0;
  absl::Status status = absl::OkStatus();
};

absl::Status SendBurst(size_t changes, BurstUser* user) {
  for (size_t turn = 0; turn < changes; ++turn) {
    for (size_t i = 0; i < user->changed.size(); ++i) {
      if (Interrupted()) return absl::CancelledError("interrupted");
      // One that is refused is not acknowledged, and so not missed.
      Change(&user->connection, kFirstHot, CounterText(turn + 1), user->changed[i]);
      ++user->requests;
      if (turn > 0) continue;
      RETURN_IF_ERROR(Create(&user->connection, user->created[i]));
      ++user->requests;
    }
  }
  return absl::OkStatus();
}

// Requests a second of all users together.
absl::StatusOr<double> SendBursts(size_t changes, std::vector<BurstUser>* users) {
  const int64_t begin_us = MonotonicMicros();
  std::vector<std::thread> threads;
  for (BurstUser& user : *users) {
    threads.emplace_back([changes, user = &user] { user->status = SendBurst(changes, user); });
  }
  for (std::thread& thread : threads) thread.join();
  const double taken_s = static_cast<double>(MonotonicMicros() - begin_us) / 1e6;
  size_t requests = 0;
  for (const BurstUser& user : *users) {
    RETURN_IF_ERROR(user.status);
    requests += user.requests;
  }
  return static_cast<double>(requests) / taken_s;
}

absl::StatusOr<CopyTally> LookOnce(const std::vector<RiskSession>& sessions, const RiskSite& site) {
  std::vector<Copy> copies = CopiesAt(sessions, site.OthersThan(kBusy));
  RETURN_IF_ERROR(site.Watch(milliseconds(0), &copies));
  return TallyLast(copies);
}

}  // namespace

absl::StatusOr<BurstFigures> TryBurst(const RiskPlan& plan, RiskSite* site) {
  size_t unshared = 0;
  ASSIGN_OR_RETURN(std::vector<RiskSession> sessions,
                   site->CreateShared(kBusy, plan.burst_sessions, &unshared));
  RETURN_IF_ERROR(site->AwaitQuiet());
  std::vector<RiskSession> created;
  for (size_t i = 0; i < sessions.size(); ++i) created.push_back(site->Draft(kBusy));
  std::vector<BurstUser> users;
  for (size_t i = 0; i < kBurstUsers; ++i) users.push_back({site->Connect(kBusy), {}, {}});
  for (size_t i = 0; i < sessions.size(); ++i) {
    users[i % kBurstUsers].changed.push_back(&sessions[i]);
    users[i % kBurstUsers].created.push_back(&created[i]);
  }
  BurstFigures figures;
  figures.nodes = site->nodes();
  ASSIGN_OR_RETURN(figures.requests_per_s, SendBursts(plan.burst_changes, &users));
  RETURN_IF_ERROR(site->AwaitQuiet());
  ASSIGN_OR_RETURN(figures.changed, LookOnce(sessions, *site));
  ASSIGN_OR_RETURN(figures.created, LookOnce(created, *site));
  return figures;
}

}  // namespace sessionhub::bench
