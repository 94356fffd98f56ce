#include "hub/hub.h"

#include <glog/logging.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hub/forward/catch_up_reader.h"
#include "hub/forward/dispatcher.h"
#include "hub/forward/node_registry.h"
#include "hub/gateway/admin_guard.h"
#include "hub/gateway/admin_service.h"
#include "hub/gateway/auth.h"
#include "hub/gateway/hub_service.h"
#include "hub/gateway/listener.h"
#include "hub/gateway/listening_sockets.h"
#include "hub/gateway/tls.h"
#include "hub/hub_clock.h"
#include "hub/journal/local_journal.h"
#include "hub/metrics/watch.h"
#include "hub/process_limits.h"
#include "hub/shard/app_sessions.h"
#include "hub/shard/registrar.h"
#include "hub/shard/router.h"
#include "hub/shard/shard_thread.h"
#include "hub/space_watch.h"
#include "hub/ticker.h"
#include "hub/walk_times.h"
#include "proto/session/error_codes.h"
#include "proto/session/status_macros.h"
#include "proto/session/windows.h"

namespace sessionhub::hub {
namespace {

// An absolute timeout is exact to this.
constexpr absl::Duration kDueTick = absl::Milliseconds(50);
// Calls of operators and tools that are served at a time.
constexpr int kOperatorThreadsMax = 64;
// Calls of one connection at a time; a client's further ones wait at the client.
constexpr int kStreamsOfConnectionMax = 128;
// A connection without a call is closed after this; a node has one as long as it lives.
constexpr int kIdleConnectionMs = 60'000;
// Until when a connection must have said what HTTP/2 begins with.
constexpr int kHandshakeMs = 10'000;
// Of a connection on which nothing is heard for so long gRPC asks for a sign of life, and waits for
// it as long again. Heartbeats find a dead node sooner, but only while its stream is read.
constexpr uint64_t kPingHeartbeats = 10;

// The outcome of the turn is unknown: nothing may be answered any more, and a restart settles it.
[[noreturn]] void StopOnFailure(const absl::Status& status) {
  LOG(ERROR) << "event=store_failed action=stop status=\"" << status.ToString()
             << "\" remedy=\"mend what the status names, then start again\"";
  google::FlushLogFiles(google::INFO);
  std::_Exit(EXIT_FAILURE);
}

// Operators' calls wait on threads of gRPC's own; past the bound it refuses them with
// RESOURCE_EXHAUSTED.
void BoundOperatorsThreads(grpc::ServerBuilder* builder) {
  grpc::ResourceQuota quota("sessionhubd");
  quota.SetMaxThreads(kOperatorThreadsMax);
  builder->SetResourceQuota(quota);
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
}

class HubImpl : public Hub {
 public:
  HubImpl(const Config& config, std::shared_ptr<Store> store, FreeSpace free_space, Clocks clocks,
          std::unique_ptr<Auth> auth, std::function<void()> ask_to_stop, uint64_t last_hub_time_us,
          uint64_t last_served_time_us, const std::vector<AppSlotCount>& app_sessions)
      : config_(config),
        ask_to_stop_(std::move(ask_to_stop)),
        store_(std::move(store)),
        auth_(std::move(auth)),
        app_limits_({config.app_streams_max, config.app_deltas_per_s_max,
                     config.app_bytes_per_s_max, config.app_sessions_max}),
        app_sessions_(app_sessions),
        clock_(last_hub_time_us, std::move(clocks)),
        space_(config.disk_free_bytes_min, std::move(free_space)),
        served_(last_hub_time_us, last_served_time_us, clock_.StartUs(), config.lease_ms * 1000) {
    MakeShards(app_sessions);
    MakeGateway();
    MakeWatch();
  }

  ~HubImpl() override {
    watch_->Stop();
    listener_.reset();
    StopBackups();
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    StopThreads();
  }

  absl::Status Serve() {
    RETURN_IF_ERROR(CheckDescriptors(DescriptorsKept()));
    ASSIGN_OR_RETURN(ListeningSockets sockets, ListeningSockets::Open(config_.listen));
    port_ = sockets.port();
    ASSIGN_OR_RETURN(
        const std::shared_ptr<grpc::ServerCredentials> credentials,
        MakeServerCredentials({config_.tls_certificate, config_.tls_key, config_.tls_client_ca}));
    grpc::ServerBuilder builder;
    acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
    builder.SetMaxReceiveMessageSize(
        static_cast<int>(config_.limits.frame_bytes_max + kReceiveSlackBytes));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsOfConnectionMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleConnectionMs);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
    const auto patience_ms = static_cast<int>(kPingHeartbeats * config_.heartbeat_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, patience_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, patience_ms);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // as many as it takes
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
    BoundOperatorsThreads(&builder);
    builder.RegisterService(hub_service_.get());
    builder.RegisterService(admin_guard_.get());
    server_ = builder.BuildAndStart();
    if (!server_) return absl::InternalError("gRPC does not start: its own log says why");
    LookAtTheDisk();
    StartThreads();
    RETURN_IF_ERROR(watch_->Start());
    listener_ = std::make_unique<Listener>(
        std::move(sockets), DescriptorsKept(),
        [this](int listening, int connection) {
          grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters accepted;
          accepted.listener_fd = listening;
          accepted.fd = connection;
          acceptor_->HandleNewConnection(&accepted);
        },
        &connections_refused_);
    return absl::OkStatus();
  }

  void StartThreads() {
    for (auto& shard : shards_) shard->Start();
    reader_thread_ = std::thread([this] { reader_->Run(); });
    ticker_ = std::make_unique<Ticker>(absl::Milliseconds(config_.heartbeat_ms / 2),
                                       [this] { hub_service_->TickStreams(); });
    lease_ticker_ = std::make_unique<Ticker>(absl::Milliseconds(100), [this] {
      registry_->Tick(NowUs());
      hub_service_->PumpSlowedStreams();
    });
    due_ticker_ = std::make_unique<Ticker>(kDueTick, [this] { router_->PostToAll(TickInput{}); });
    sweep_ticker_ = std::make_unique<Ticker>(absl::Seconds(1), [this] {
      registrar_->Sweep();
      LookAtTheWallClock();
      LookAtTheDisk();
      auth_->LookAtTokens();
      hub_service_->EndRefused();
    });
  }

  int port() const override { return port_; }
  int metrics_port() const override { return watch_->port(); }

  void AdvanceTime(uint64_t us) override {
    advanced_us_ += us;
    registry_->Tick(NowUs());
    LookAtWhatIsDue();
  }

  void LookAtTheDisk() override {
    absl::MutexLock lock(&looking_);
    const absl::StatusOr<SpaceWatch::Change> change = space_.Look();
    if (!change.ok()) {
      LOG_EVERY_N(WARNING, 60) << "event=disk_unknown status=\"" << change.status().ToString()
                               << "\"";
      return;
    }
    if (*change == SpaceWatch::Change::kGrowthWaits) {
      LOG(WARNING) << "event=growth_waits free_bytes=" << space_.free_bytes()
                   << " disk_free_bytes_min=" << space_.free_bytes_min()
                   << " data_dir=" << config_.data_dir
                   << " effect=\"writes wait; reads, deletes and expiry go on\""
                   << " remedy=\"free space on this disk: growth goes on by itself\"";
      TellHealth();
      StopBackupOnThisDisk();
    }
    if (*change == SpaceWatch::Change::kGrowthGoesOn) {
      LOG(INFO) << "event=growth_goes_on free_bytes=" << space_.free_bytes();
      TellHealth();
      hub_service_->PumpStreams();
    }
  }

  absl::Status Reload(const Config& config) override {
    RETURN_IF_ERROR(CheckConfig(config));
    RETURN_IF_ERROR(ReloadAccess());
    registry_->SetNodesMax(config.nodes_max);
    hub_service_->SetStreamsMax(config.nodes_max + kOtherStreamsMax);
    app_limits_.SetSessionsMax(config.app_sessions_max);
    space_.SetFreeBytesMin(config.disk_free_bytes_min);
    drain_ms_ = config.drain_ms;
    LookAtTheDisk();
    return absl::OkStatus();
  }

  absl::Status ReloadAccess() override {
    RETURN_IF_ERROR(auth_->Reload());
    hub_service_->EndRefused();
    return absl::OkStatus();
  }

  void Drain() override {
    {
      absl::MutexLock lock(&looking_);
      draining_ = true;
      TellHealth();
    }
    StopBackups();
    hub_service_->StopReading();
    const uint64_t deadline_us = BootTimeUs() + drain_ms_ * 1000;
    while (!hub_service_->AllIdle() && BootTimeUs() < deadline_us) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    hub_service_->EndAll(v1::Goodbye::DRAINING, kHubStops);
    listener_.reset();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
    watch_->Stop();
    StopThreads();
  }

 private:
  // Empty: it is ready. Any thread.
  std::string WhyNotReady() const {
    if (draining_) return kHubStops;
    return space_.growth_waits() ? gateway_.why_growth_waits() : std::string();
  }

  // What gRPC's health service says follows /readyz.
  void TellHealth() ABSL_EXCLUSIVE_LOCKS_REQUIRED(looking_) {
    server_->GetHealthCheckService()->SetServingStatus(WhyNotReady().empty());
  }

  // What the store, which the hub shares its limit with, must always get. In memory it opens none.
  uint64_t DescriptorsKept() const {
    return config_.data_dir.empty() ? kOwnDescriptors : kOwnDescriptors + kStoreDescriptors;
  }

  uint64_t NowUs() const { return clock_.NowUs() + advanced_us_; }

  // gRPC ends a server only when its calls have ended.
  void StopBackups() {
    store_->StopBackups(
        ErrorStatus(CallError::kHubStops, "this hub is stopping: make the backup later"),
        /*for_good=*/true);
  }

  // The store's own writes need what is left.
  void StopBackupOnThisDisk() {
    if (!OnOneDisk(config_.data_dir, config_.backup_dir)) return;
    store_->StopBackups(ErrorStatus(CallError::kDiskLow,
                                    "the disk of the data folder has no room for a backup: free "
                                    "space, or start the hub with --backup-dir on another disk"),
                        /*for_good=*/false);
  }

  void LookAtWhatIsDue() {
    router_->PostToAll(TickInput{});
    registrar_->Sweep();
  }

  void LookAtTheWallClock() {
    const int64_t step_us = clock_.LookForStep();
    if (step_us == 0) return;
    LOG(WARNING) << "event=wall_clock_step by_ms=" << step_us / 1000
                 << " wall_clock_steps=" << clock_.wall_clock_steps()
                 << " effect=\"none on hub time until the next start\"";
  }

  void MakeShards(const std::vector<AppSlotCount>& app_sessions) {
    reader_ = std::make_unique<CatchUpReader>([this](const Input& input) { router_->Post(input); });
    NodeRegistryOptions registry;
    registry.lease_us = config_.lease_ms * 1000;
    registry.outbox_bytes_max = config_.outbox_bytes_max;
    registry.nodes_max = config_.nodes_max;
    registry.walk_times = &walk_times_;
    registry_ = std::make_unique<NodeRegistry>(
        registry, [this](const Input& input) { router_->PostToAll(input); });
    std::vector<Mailbox*> mailboxes;
    for (uint32_t shard = 0; shard < config_.shards; ++shard) {
      DispatcherOptions dispatcher;
      dispatcher.shard = shard;
      dispatcher.shards = config_.shards;
      dispatcher.path_definitions_max = config_.limits.path_definitions_max;
      dispatcher.turn_read_bytes_max = config_.turn_read_bytes_max;
      dispatcher.reads_max = std::max<uint64_t>(1, config_.catch_up_reads_max / config_.shards);
      dispatchers_.push_back(std::make_unique<Dispatcher>(
          dispatcher, registry_.get(), store_.get(),
          [this](const DeletedEffect& effect) { delete_calls_.Answer(effect); },
          [this](Input input) { router_->Post(std::move(input)); }, reader_.get()));
      ShardMachineOptions machine;
      machine.shard = shard;
      machine.shards = config_.shards;
      machine.limits = config_.limits;
      machine.nodes_known_at_us = clock_.StartUs() + config_.lease_ms * 1000;
      machine.delivery_waits_max = config_.delivery_waits_max;
      machine.resend_horizon_us = config_.resend_horizon_ms * 1000;
      machine.served = served_;
      machine.app_sessions = app_sessions;
      ShardThreadOptions thread;
      thread.mailbox_bytes_max = config_.mailbox_bytes_max;
      thread.now_us = [this] { return NowUs(); };
      thread.on_failure = StopOnFailure;
      thread.meter = {shard, config_.slow_commit_ms, &walk_times_};
      shards_.push_back(std::make_unique<ShardThread>(
          thread, std::make_unique<Shard>(machine, &journal_, store_.get(),
                                          dispatchers_.back().get(), &app_sessions_)));
      mailboxes.push_back(&shards_.back()->mailbox());
    }
    router_ = std::make_unique<Router>(std::move(mailboxes));
  }

  void MakeGateway() {
    RegistrarOptions registrar;
    registrar.resend_horizon_us = config_.resend_horizon_ms * 1000;
    registrar.now_us = [this] { return NowUs(); };
    registrar.served = served_;
    registrar.present = [this](const Incarnation& node) { return registry_->Knows(node); };
    registrar.on_failure = StopOnFailure;
    registrar_ = std::make_unique<Registrar>(registrar, &journal_, store_.get());

    gateway_.router = router_.get();
    gateway_.registry = registry_.get();
    gateway_.registrar = registrar_.get();
    gateway_.walk_times = &walk_times_;
    gateway_.traffic = &traffic_;
    gateway_.auth = auth_.get();
    gateway_.app_limits = &app_limits_;
    gateway_.app_sessions = &app_sessions_;
    gateway_.limits = config_.limits;
    gateway_.history_id = store_->history_id();
    gateway_.lease_us = config_.lease_ms * 1000;
    gateway_.heartbeat_us = config_.heartbeat_ms * 1000;
    gateway_.streams_max = config_.nodes_max + kOtherStreamsMax;
    gateway_.now_us = [this] { return NowUs(); };
    gateway_.growth_waits = [this] { return space_.growth_waits(); };
    gateway_.why_growth_waits = [this] {
      return "the hub's disk has less free space than its disk_free_bytes_min of " +
             std::to_string(space_.free_bytes_min()) +
             " bytes: free space there, and it goes on by itself";
    };
    hub_service_ = std::make_unique<HubService>(gateway_);

    admin_.store = store_.get();
    admin_.registry = registry_.get();
    admin_.router = router_.get();
    admin_.reader = reader_.get();
    for (auto& shard : shards_) admin_.shards.push_back(shard.get());
    admin_.delete_calls = &delete_calls_;
    admin_.limits = config_.limits;
    admin_.version = SESSIONHUB_VERSION;
    admin_.data_dir = config_.data_dir;
    admin_.backup_dir = config_.backup_dir;
    admin_.drain_ms = config_.drain_ms;
    admin_.ask_to_stop = ask_to_stop_;
    admin_.started_us = clock_.StartUs();
    admin_.clock = &clock_;
    admin_.space = &space_;
    admin_.app_sessions = &app_sessions_;
    admin_.traffic = &traffic_;
    admin_.connections_refused = [this] { return connections_refused_.load(); };
    admin_.now_us = [this] { return NowUs(); };
    admin_.sent_bytes = [this] { return watch_->sent_bytes(); };
    admin_service_ = std::make_unique<AdminService>(admin_);
    admin_guard_ = std::make_unique<AdminGuard>(auth_.get(), admin_service_.get());
  }

  void MakeWatch() {
    MetricsContext metrics;
    metrics.config = &config_;
    metrics.store = store_.get();
    metrics.registry = registry_.get();
    metrics.registrar = registrar_.get();
    metrics.reader = reader_.get();
    metrics.shards = admin_.shards;
    metrics.streams = hub_service_.get();
    metrics.traffic = &traffic_;
    metrics.app_limits = &app_limits_;
    metrics.app_sessions = &app_sessions_;
    metrics.walk_times = &walk_times_;
    metrics.clock = &clock_;
    metrics.space = &space_;
    metrics.version = SESSIONHUB_VERSION;
    metrics.started_us = clock_.StartUs();
    metrics.now_us = admin_.now_us;
    metrics.connections_refused = admin_.connections_refused;
    metrics.why_not_ready = [this] { return WhyNotReady(); };
    watch_ = std::make_unique<Watch>(std::move(metrics));
  }

  // Whoever pushes stops before those who drain.
  void StopThreads() {
    ticker_.reset();
    lease_ticker_.reset();
    due_ticker_.reset();
    sweep_ticker_.reset();
    if (registrar_) registrar_->Stop();
    reader_->Stop();
    if (reader_thread_.joinable()) reader_thread_.join();
    for (auto& shard : shards_) shard->Stop();
  }

  const Config config_;
  const std::function<void()> ask_to_stop_;
  const std::shared_ptr<Store> store_;
  const std::unique_ptr<Auth> auth_;
  AppLimits app_limits_;
  AppSessions app_sessions_;
  HubClock clock_;
  absl::Mutex looking_;  // one look at a time
  SpaceWatch space_;
  std::atomic<uint64_t> drain_ms_ = config_.drain_ms;
  const ServedTime served_;
  std::atomic<uint64_t> advanced_us_ = 0;
  std::atomic<bool> draining_ = false;
  WalkTimes walk_times_;
  AppTraffic traffic_;
  LocalJournal journal_;
  DeleteCalls delete_calls_;
  std::unique_ptr<CatchUpReader> reader_;  // before the outboxes, which call it
  std::thread reader_thread_;
  std::unique_ptr<NodeRegistry> registry_;
  std::vector<std::unique_ptr<Dispatcher>> dispatchers_;
  std::vector<std::unique_ptr<ShardThread>> shards_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Registrar> registrar_;
  GatewayContext gateway_;
  AdminContext admin_;
  std::unique_ptr<HubService> hub_service_;
  std::unique_ptr<AdminService> admin_service_;
  std::unique_ptr<AdminGuard> admin_guard_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
  std::atomic<uint64_t> connections_refused_ = 0;
  std::unique_ptr<Ticker> ticker_;
  std::unique_ptr<Ticker> lease_ticker_;
  std::unique_ptr<Ticker> due_ticker_;
  std::unique_ptr<Ticker> sweep_ticker_;
  std::unique_ptr<Watch> watch_;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Hub>> Hub::Start(const Config& config, std::shared_ptr<Store> store,
                                                FreeSpace free_space, Clocks clocks,
                                                std::function<void()> ask_to_stop) {
  RETURN_IF_ERROR(CheckConfig(config));
  if (const std::string open = WhatIsOpen(config); !open.empty()) {
    LOG(WARNING) << "event=insecure_listen listen=" << config.listen << " warning=\"" << open
                 << "\"";
  }
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  ASSIGN_OR_RETURN(const uint64_t last_hub_time_us, store->LastHubTime());
  ASSIGN_OR_RETURN(const uint64_t last_served_time_us, store->LastServedTime());
  ASSIGN_OR_RETURN(const std::vector<AppSlotCount> app_sessions, LoadAppSessions(store.get()));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Auth> auth,
      Auth::Open({config.tokens_file, config.audit_file, config.audit_bytes_max, config.data_dir}));
  auto hub = std::make_unique<HubImpl>(config, std::move(store), std::move(free_space),
                                       std::move(clocks), std::move(auth), std::move(ask_to_stop),
                                       last_hub_time_us, last_served_time_us, app_sessions);
  RETURN_IF_ERROR(hub->Serve());
  return hub;
}

}  // namespace sessionhub::hub
