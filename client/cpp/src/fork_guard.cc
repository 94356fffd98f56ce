#include "client/cpp/src/fork_guard.h"

#include <pthread.h>

#include <atomic>

#include "proto/session/error_codes.h"

namespace sessionhub::client {
namespace {

std::atomic<uint32_t> generation{0};

void CountChild() {
  generation.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

ForkGuard::ForkGuard() {
  static const int kRegistered = pthread_atfork(nullptr, nullptr, CountChild);
  (void)kRegistered;
  generation_ = generation.load(std::memory_order_relaxed);
}

bool ForkGuard::forked() const {
  return generation.load(std::memory_order_relaxed) != generation_;
}

absl::Status ForkGuard::Check() const {
  if (!forked()) return absl::OkStatus();
  return ErrorStatus(
      ClientError::kForked,
      "this client was made before fork and does not work in the child: fork first, then connect");
}

absl::Status ForkGuard::CheckProcess() {
  if (generation.load(std::memory_order_relaxed) == 0) return absl::OkStatus();
  return ErrorStatus(
      ClientError::kForked,
      "this process was forked after its parent had made a client, and cannot make one: fork "
      "first, then connect; or exec");
}

}  // namespace sessionhub::client
