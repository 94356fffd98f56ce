#include "sessionhub/testing/in_process_hub.h"

#include <glog/logging.h>

#include <random>
#include <utility>

#include "hub/config.h"
#include "hub/hub.h"
#include "hub/store/memory_store.h"

namespace sessionhub::testing {
namespace {

// What the hub logs is for operators; a test's output is the test's.
void LogNothingUnlessTheTestDoes() {
  if (!google::IsGoogleLoggingInitialized()) FLAGS_minloglevel = google::GLOG_FATAL;
}

HistoryId RandomHistoryId() {
  std::random_device device;
  HistoryId id;
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(device());
  return id;
}

absl::Status OutOfRange(const std::string& option, const std::string& range) {
  return absl::InvalidArgumentError("InProcessHubOptions::" + option + " must be " + range);
}

absl::Status Check(const InProcessHubOptions& options) {
  using std::chrono::milliseconds;
  if (options.lease < milliseconds(100) || options.lease > milliseconds(3'600'000)) {
    return OutOfRange("lease", "100 ms to 1 h");
  }
  if (options.heartbeat < milliseconds(100) || options.heartbeat > milliseconds(600'000)) {
    return OutOfRange("heartbeat", "100 ms to 10 min");
  }
  if (options.shards < 1 || options.shards > 64) return OutOfRange("shards", "1 to 64");
  return absl::OkStatus();
}

}  // namespace

struct InProcessHub::Impl {
  hub::Config config;
  std::shared_ptr<hub::MemoryStore> store;
  std::string endpoint;
  std::unique_ptr<hub::Hub> hub;  // nullptr: stopped

  absl::Status StartHub() {
    auto started = hub::Hub::Start(config, store);
    if (!started.ok()) return started.status();
    hub = *std::move(started);
    endpoint = "127.0.0.1:" + std::to_string(hub->port());
    config.listen = endpoint;
    return absl::OkStatus();
  }
};

absl::StatusOr<InProcessHub> InProcessHub::Start(InProcessHubOptions options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  LogNothingUnlessTheTestDoes();
  auto impl = std::make_unique<Impl>();
  impl->config.data_dir = "memory";
  impl->config.listen = "127.0.0.1:0";
  impl->config.lease_ms = static_cast<uint64_t>(options.lease.count());
  impl->config.heartbeat_ms = static_cast<uint64_t>(options.heartbeat.count());
  impl->config.shards = options.shards;
  impl->store = hub::MemoryStore::Create(RandomHistoryId());
  if (absl::Status status = impl->StartHub(); !status.ok()) return status;
  return InProcessHub(std::move(impl));
}

InProcessHub::InProcessHub(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InProcessHub::InProcessHub(InProcessHub&&) noexcept = default;
InProcessHub& InProcessHub::operator=(InProcessHub&&) noexcept = default;
InProcessHub::~InProcessHub() = default;

const std::string& InProcessHub::endpoint() const {
  return impl_->endpoint;
}

void InProcessHub::Stop() {
  if (!impl_->hub) return;
  impl_->hub.reset();
  // What no sync has reached would not survive a kill for sure.
  impl_->store->Crash(0);
}

absl::Status InProcessHub::StartAgain() {
  if (impl_->hub) return absl::FailedPreconditionError("the hub runs: Stop it first");
  return impl_->StartHub();
}

void InProcessHub::AdvanceTime(std::chrono::milliseconds by) {
  if (impl_->hub && by.count() > 0)
    impl_->hub->AdvanceTime(static_cast<uint64_t>(by.count()) * 1000);
}

}  // namespace sessionhub::testing
