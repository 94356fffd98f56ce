// The trial in which a node is cut from the others and comes back.
#include <algorithm>
#include <atomic>
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

constexpr size_t kUncutNode = 0;
constexpr size_t kCut = 1;
// A node's host in the bed.
constexpr size_t kCutHost = kCut + 1;

constexpr size_t kReconnectUsers = 10;
// Each user sends so many changes at most, evenly over the cut: more would fill buffers, which is
// another question than this one.
constexpr size_t kChangesOfUser = 30;
constexpr milliseconds kPollPause{20};

// Changes its sessions in turn while the cut lasts.
struct CutUser {
  HttpConnection connection;
  std::vector<RiskSession*> sessions;
  size_t changes = 0;
  size_t refused = 0;
  int64_t slowest_us = 0;  // answer to a change
};

void ChangeDuringCut(int64_t begin_us, int64_t cut_us, const std::atomic<bool>& over,
                     CutUser* user) {
  for (size_t i = 0; i < kChangesOfUser && !over; ++i) {
    const int64_t due_us = begin_us + cut_us * static_cast<int64_t>(i) / kChangesOfUser;
    const int64_t wait_us = due_us - MonotonicMicros();
    if (wait_us > 0) std::this_thread::sleep_for(std::chrono::microseconds(wait_us));
    RiskSession* const session = user->sessions[i % user->sessions.size()];
    const int64_t sent_us = MonotonicMicros();
    const int status = Change(&user->connection, kFirstHot, CounterText(i + 1), session);
    user->slowest_us = std::max(user->slowest_us, MonotonicMicros() - sent_us);
    ++(status == 200 ? user->changes : user->refused);
  }
}

std::vector<CutUser> CutUsersOf(std::vector<RiskSession>* sessions, const RiskSite& site) {
  std::vector<CutUser> users;
  for (size_t i = 0; i < sessions->size(); ++i) {
    if (users.size() < kReconnectUsers) users.push_back({site.Connect(kUncutNode), {}});
    users[i % kReconnectUsers].sessions.push_back(&(*sessions)[i]);
  }
  return users;
}

void AwaitTime(int64_t end_us) {
  while (MonotonicMicros() < end_us && !Interrupted()) std::this_thread::sleep_for(kPollPause);
}

// Plugs the cable in again, whatever happens.
class Cut {
 public:
  static absl::StatusOr<Cut> Begin(TestBed* bed, size_t* connections_broken) {
    RETURN_IF_ERROR(bed->SetBackCable(kCutHost, false));
    Cut cut(bed);
    const absl::StatusOr<size_t> broken = bed->BreakBackConnections(kCutHost);
    // Where the kernel cannot do that, they last or not, as the cut has it.
    if (absl::IsUnimplemented(broken.status())) return cut;
    ASSIGN_OR_RETURN(*connections_broken, broken);
    return cut;
  }
  Cut(Cut&& other) noexcept : bed_(std::exchange(other.bed_, nullptr)) {}
  ~Cut() {
    if (bed_ != nullptr) End().IgnoreError();
  }
  absl::Status End() { return std::exchange(bed_, nullptr)->SetBackCable(kCutHost, true); }

 private:
  explicit Cut(TestBed* bed) : bed_(bed) {}
  TestBed* bed_;
};

// Of these users' changes, notes how many there were.
absl::Status ChangeWhileCut(milliseconds duration, TestBed* bed, std::vector<CutUser>* users,
                            ReconnectFigures* figures) {
  ASSIGN_OR_RETURN(Cut cut, Cut::Begin(bed, &figures->connections_broken));
  const int64_t begin_us = MonotonicMicros();
  const int64_t cut_us = std::chrono::microseconds(duration).count();
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (CutUser& user : *users) {
    threads.emplace_back([&, user = &user] { ChangeDuringCut(begin_us, cut_us, over, user); });
  }
  AwaitTime(begin_us + cut_us);
  over = true;
  figures->cut_s = static_cast<double>(MonotonicMicros() - begin_us) / 1e6;
  const absl::Status healed = cut.End();
  // A request that waits for the node that was cut is answered now, or after some time.
  for (std::thread& thread : threads) thread.join();
  for (const CutUser& user : *users) {
    figures->changes += user.changes;
    figures->refused += user.refused;
    figures->slowest_us = std::max(figures->slowest_us, user.slowest_us);
  }
  return Interrupted() ? absl::CancelledError("interrupted") : healed;
}

}  // namespace

absl::StatusOr<ReconnectFigures> TryReconnect(const RiskPlan& plan, TestBed* bed, RiskSite* site) {
  ReconnectFigures figures;
  size_t unshared = 0;
  ASSIGN_OR_RETURN(std::vector<RiskSession> sessions,
                   site->CreateShared(kUncutNode, plan.trials, &unshared));
  std::vector<CutUser> users = CutUsersOf(&sessions, *site);
  RETURN_IF_ERROR(ChangeWhileCut(plan.cut, bed, &users, &figures));
  figures.wait_max_s = std::chrono::duration<double>(plan.heal_max).count();
  // Of the others nothing can be lost: their changes were refused, or wait for an answer too long.
  std::erase_if(sessions, [](const RiskSession& session) {
    return session.acknowledged.at(kFirstHot) == CounterText(0);
  });
  std::vector<Copy> copies = CopiesAt(sessions, {kCut});
  RETURN_IF_ERROR(site->Watch(plan.heal_max, &copies));
  figures.last = TallyLast(copies);
  figures.catch_up_p50_us = MedianCatchUpUs(copies);
  return figures;
}

}  // namespace sessionhub::bench
