#include "hub/hub.h"

#include <glog/logging.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "hub/forward/dispatcher.h"
#include "hub/forward/node_registry.h"
#include "hub/gateway/admin_service.h"
#include "hub/gateway/hub_service.h"
#include "hub/hub_clock.h"
#include "hub/journal/local_journal.h"
#include "hub/shard/registrar.h"
#include "hub/shard/router.h"
#include "hub/shard/shard_thread.h"
#include "hub/store/rocks_store.h"
#include "hub/ticker.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// The outcome of the turn is unknown: nothing may be answered any more, and a restart settles it.
[[noreturn]] void StopOnFailure(const absl::Status& status) {
  LOG(ERROR) << "event=store_failed action=stop status=\"" << status.ToString()
             << "\" remedy=\"mend the data folder or its disk, then start again\"";
  google::FlushLogFiles(google::INFO);
  std::_Exit(EXIT_FAILURE);
}

HistoryId RandomHistoryId() {
  std::random_device device;
  HistoryId id;
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(device());
  return id;
}

class HubImpl : public Hub {
 public:
  HubImpl(const Config& config, std::unique_ptr<RocksStore> store, uint64_t last_hub_time_us)
      : config_(config), store_(std::move(store)), clock_(last_hub_time_us) {
    MakeShards();
    MakeGateway();
  }

  ~HubImpl() override { StopThreads(); }

  absl::Status Serve() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(config_.listen, grpc::InsecureServerCredentials(), &port_);
    builder.SetMaxReceiveMessageSize(static_cast<int>(config_.limits.frame_bytes_max));
    // Two hubs on one port would split the nodes between them.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.RegisterService(hub_service_.get());
    builder.RegisterService(admin_service_.get());
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) {
      return absl::UnavailableError("cannot listen on " + config_.listen +
                                    ": is the port in use, or the address not of this machine?");
    }
    for (auto& shard : shards_) shard->Start();
    ticker_ = std::make_unique<Ticker>(absl::Milliseconds(config_.heartbeat_ms / 2),
                                       [this] { hub_service_->TickStreams(); });
    lease_ticker_ = std::make_unique<Ticker>(absl::Milliseconds(100),
                                             [this] { registry_->Tick(clock_.NowUs()); });
    due_ticker_ =
        std::make_unique<Ticker>(absl::Seconds(1), [this] { router_->PostToAll(TickInput{}); });
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  uint64_t blocks_read() const override { return store_->statistics().blocks_read; }

  void Drain() override {
    hub_service_->StopReading();
    const uint64_t deadline_us = BootTimeUs() + config_.drain_ms * 1000;
    while (!hub_service_->AllIdle() && BootTimeUs() < deadline_us) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    hub_service_->EndAll(v1::Goodbye::DRAINING, "this hub is stopping: come back later");
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
    StopThreads();
  }

 private:
  uint64_t NowUs() const { return clock_.NowUs(); }

  void MakeShards() {
    registry_ = std::make_unique<NodeRegistry>(
        NodeRegistryOptions{config_.lease_ms * 1000, config_.outbox_bytes_max, config_.nodes_max},
        [this](const Input& input) { router_->PostToAll(input); });
    std::vector<Mailbox*> mailboxes;
    for (uint32_t shard = 0; shard < config_.shards; ++shard) {
      dispatchers_.push_back(std::make_unique<Dispatcher>(
          DispatcherOptions{shard, config_.shards, config_.limits.path_definitions_max},
          registry_.get(), store_.get(),
          [this](const DeletedEffect& effect) { delete_calls_.Answer(effect); }));
      ShardMachineOptions machine;
      machine.shard = shard;
      machine.shards = config_.shards;
      machine.limits = config_.limits;
      ShardThreadOptions thread;
      thread.mailbox_bytes_max = config_.mailbox_bytes_max;
      thread.now_us = [this] { return NowUs(); };
      thread.on_failure = StopOnFailure;
      shards_.push_back(std::make_unique<ShardThread>(
          thread,
          std::make_unique<Shard>(machine, &journal_, store_.get(), dispatchers_.back().get())));
      mailboxes.push_back(&shards_.back()->mailbox());
    }
    router_ = std::make_unique<Router>(std::move(mailboxes));
  }

  void MakeGateway() {
    RegistrarOptions registrar;
    registrar.now_us = [this] { return NowUs(); };
    registrar.on_failure = StopOnFailure;
    registrar_ = std::make_unique<Registrar>(registrar, &journal_, store_.get());

    gateway_.router = router_.get();
    gateway_.registry = registry_.get();
    gateway_.registrar = registrar_.get();
    gateway_.limits = config_.limits;
    gateway_.history_id = store_->history_id();
    gateway_.lease_us = config_.lease_ms * 1000;
    gateway_.heartbeat_us = config_.heartbeat_ms * 1000;
    gateway_.now_us = [this] { return NowUs(); };
    hub_service_ = std::make_unique<HubService>(gateway_);

    admin_.store = store_.get();
    admin_.registry = registry_.get();
    admin_.router = router_.get();
    for (auto& shard : shards_) admin_.shards.push_back(shard.get());
    admin_.delete_calls = &delete_calls_;
    admin_.limits = config_.limits;
    admin_.version = SESSIONHUB_VERSION;
    admin_.data_dir = config_.data_dir;
    admin_.started_us = clock_.StartUs();
    admin_.now_us = [this] { return NowUs(); };
    admin_service_ = std::make_unique<AdminService>(admin_);
  }

  // Whoever pushes stops before those who drain.
  void StopThreads() {
    ticker_.reset();
    lease_ticker_.reset();
    due_ticker_.reset();
    if (registrar_) registrar_->Stop();
    for (auto& shard : shards_) shard->Stop();
  }

  const Config config_;
  const std::unique_ptr<RocksStore> store_;
  const HubClock clock_;
  LocalJournal journal_;
  DeleteCalls delete_calls_;
  std::unique_ptr<NodeRegistry> registry_;
  std::vector<std::unique_ptr<Dispatcher>> dispatchers_;
  std::vector<std::unique_ptr<ShardThread>> shards_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Registrar> registrar_;
  GatewayContext gateway_;
  AdminContext admin_;
  std::unique_ptr<HubService> hub_service_;
  std::unique_ptr<AdminService> admin_service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Ticker> ticker_;
  std::unique_ptr<Ticker> lease_ticker_;
  std::unique_ptr<Ticker> due_ticker_;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Hub>> Hub::Start(const Config& config) {
  RETURN_IF_ERROR(CheckConfig(config));
  if (!IsLoopback(config.listen) && !config.insecure_listen) {
    return absl::InvalidArgumentError(
        "--listen " + config.listen +
        " is not loopback and the connection is plaintext: listen on 127.0.0.1, or say "
        "--insecure-listen in so many words");
  }
  if (!IsLoopback(config.listen)) {
    LOG(WARNING) << "event=insecure_listen listen=" << config.listen
                 << " warning=\"whoever reaches this address can read and change every session\"";
  }
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  RocksStoreOptions options;
  options.data_dir = config.data_dir;
  options.block_cache_bytes = config.block_cache_bytes;
  options.fresh_history_id = RandomHistoryId();
  options.now_us = WallTimeUs();
  ASSIGN_OR_RETURN(std::unique_ptr<RocksStore> store, RocksStore::Open(options));
  ASSIGN_OR_RETURN(const uint64_t last_hub_time_us, store->LastHubTime());
  auto hub = std::make_unique<HubImpl>(config, std::move(store), last_hub_time_us);
  RETURN_IF_ERROR(hub->Serve());
  return hub;
}

}  // namespace sessionhub::hub
