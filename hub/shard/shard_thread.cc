#include "hub/shard/shard_thread.h"

#include <pthread.h>

#include <utility>

#include "hub/walk_times.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// Watchers come every few seconds; a report copies the counters of each app.
constexpr uint64_t kReportEveryNs = 100'000'000;

ShardReport ReportOf(const Shard& shard, uint64_t now_ns) {
  const ShardMachine& machine = shard.machine();
  ShardReport report;
  report.at_ns = now_ns;
  report.counters = machine.counters();
  report.turns = shard.turns();
  report.syncs = shard.syncs();
  report.copies_ahead = shard.copies_ahead();
  report.interests = machine.index().pair_count();
  report.behind = machine.behind_count();
  report.lock_waits = machine.lock_waits();
  report.delivery_waits = machine.delivery_waits();
  report.apps.assign(machine.ledger().apps().begin(), machine.ledger().apps().end());
  return report;
}

}  // namespace

ShardThread::ShardThread(const ShardThreadOptions& options, std::unique_ptr<Shard> shard)
    : options_(options),
      shard_(std::move(shard)),
      meter_(options.meter),
      mailbox_(options.mailbox_bytes_max) {}

ShardThread::~ShardThread() {
  Stop();
}

void ShardThread::Start() {
  {
    absl::MutexLock lock(&mutex_);
    running_ = true;
  }
  Report();
  thread_ = std::thread([this] { Run(); });
}

void ShardThread::Stop() {
  mailbox_.Close();
  if (thread_.joinable()) thread_.join();
}

void ShardThread::Run() {
  pthread_setname_np(pthread_self(), "shard");
  std::vector<Input> inputs;
  bool open = true;
  while (open) {
    inputs.clear();
    const absl::Duration wait = shard_->HasWork() ? absl::ZeroDuration() : absl::InfiniteDuration();
    uint64_t since_ns = 0;
    open = mailbox_.Drain(options_.turn_inputs_max, wait, &inputs, &since_ns);
    if (const absl::Status status = RunTurns(inputs, since_ns); !status.ok()) {
      options_.on_failure(status);
      break;
    }
    if (NowNs() >= reported_ns_ + kReportEveryNs) Report();
    RunInspections();
  }
  {
    absl::MutexLock lock(&mutex_);
    running_ = false;
  }
  RunInspections();
}

// One, unless the inputs are too many for it.
absl::Status ShardThread::RunTurns(absl::Span<const Input> inputs, uint64_t since_ns) {
  while (!inputs.empty() || shard_->HasWork()) {
    ASSIGN_OR_RETURN(const size_t taken, shard_->RunOnce(inputs, options_.now_us()));
    meter_.Note(shard_->last_turn(), since_ns);
    inputs.remove_prefix(taken);
    if (inputs.empty()) break;
  }
  return absl::OkStatus();
}

void ShardThread::Report() {
  reported_ns_ = NowNs();
  ShardReport report = ReportOf(*shard_, reported_ns_);
  absl::MutexLock lock(&report_mutex_);
  report_ = std::move(report);
}

ShardReport ShardThread::report() const {
  absl::MutexLock lock(&report_mutex_);
  return report_;
}

void ShardThread::RunInspections() {
  absl::MutexLock lock(&mutex_);
  for (Inspection* inspection : inspections_) {
    if (running_) (*inspection->look)(*shard_);
    inspection->done = true;
  }
  inspections_.clear();
}

void ShardThread::Inspect(const std::function<void(const Shard&)>& look) {
  Inspection inspection{&look, false};
  absl::MutexLock lock(&mutex_);
  if (!running_) return;
  inspections_.push_back(&inspection);
  mailbox_.Push(RoomInput{});  // of no node: only wakes the thread
  mutex_.Await(absl::Condition(&inspection.done));
}

}  // namespace sessionhub::hub
