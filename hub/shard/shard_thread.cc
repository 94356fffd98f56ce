#include "hub/shard/shard_thread.h"

#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::hub {

ShardThread::ShardThread(const ShardThreadOptions& options, std::unique_ptr<Shard> shard)
    : options_(options), shard_(std::move(shard)), mailbox_(options.mailbox_bytes_max) {}

ShardThread::~ShardThread() {
  Stop();
}

void ShardThread::Start() {
  {
    absl::MutexLock lock(&mutex_);
    running_ = true;
  }
  thread_ = std::thread([this] { Run(); });
}

void ShardThread::Stop() {
  mailbox_.Close();
  if (thread_.joinable()) thread_.join();
}

void ShardThread::Run() {
  std::vector<Input> inputs;
  bool open = true;
  while (open) {
    inputs.clear();
    const absl::Duration wait = shard_->HasWork() ? absl::ZeroDuration() : absl::InfiniteDuration();
    open = mailbox_.Drain(options_.turn_inputs_max, wait, &inputs);
    if (const absl::Status status = RunTurns(inputs); !status.ok()) {
      options_.on_failure(status);
      break;
    }
    RunInspections();
  }
  {
    absl::MutexLock lock(&mutex_);
    running_ = false;
  }
  RunInspections();
}

// One, unless the inputs are too many for it.
absl::Status ShardThread::RunTurns(absl::Span<const Input> inputs) {
  while (!inputs.empty() || shard_->HasWork()) {
    ASSIGN_OR_RETURN(const size_t taken, shard_->RunOnce(inputs, options_.now_us()));
    inputs.remove_prefix(taken);
    if (inputs.empty()) break;
  }
  return absl::OkStatus();
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
