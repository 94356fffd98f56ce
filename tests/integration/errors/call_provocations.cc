// What a hub tells in the status of a call.
#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>

#include "hub/gateway/admin_service.h"
#include "hub/hub.h"
#include "hub/store/memory_store.h"
#include "hub/store/rocks_status.h"
#include "hub/store/rocks_store.h"
#include "tests/integration/errors/provocations.h"
#include "tests/support/access.h"
#include "tests/support/held_store.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

template <typename Request, typename Response>
using AdminMethod = grpc::Status (v1::Admin::Stub::*)(grpc::ClientContext*, const Request&,
                                                      Response*);

template <typename Request, typename Response>
grpc::Status Call(const std::string& endpoint, AdminMethod<Request, Response> method,
                  const Request& request, const std::string& token = "",
                  Response* response = nullptr) {
  const auto context = CallWith(token);
  Response ignored;
  const auto stub = v1::Admin::NewStub(NewChannel(endpoint));
  return ((*stub).*method)(context.get(), request, response == nullptr ? &ignored : response);
}

grpc::Status GetStatus(const std::string& endpoint, const std::string& token) {
  return Call(endpoint, &v1::Admin::Stub::GetStatus, v1::GetStatusRequest(), token);
}

grpc::Status GetSession(const std::string& endpoint, const std::string& id) {
  v1::GetSessionRequest request;
  request.set_app(kApp);
  request.set_id(id);
  return Call(endpoint, &v1::Admin::Stub::GetSession, request);
}

grpc::Status CreateBackup(const std::string& endpoint) {
  return Call(endpoint, &v1::Admin::Stub::CreateBackup, v1::CreateBackupRequest());
}

// In this process, over a store of the test's.
struct HubHere {
  explicit HubHere(std::shared_ptr<hub::Store> store, hub::Config config = {},
                   hub::FreeSpace free_space = nullptr) {
    if (config.data_dir.empty()) config.data_dir = "memory";
    config.listen = "127.0.0.1:0";
    auto started = hub::Hub::Start(config, std::move(store), std::move(free_space));
    if (started.ok()) running = *std::move(started);
  }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(running->port()); }

  std::unique_ptr<hub::Hub> running;
};

// ---- who is let in ----

// A hub that asks for tokens, and what a call of `token` is told there.
class TokenBed {
 public:
  TokenBed() : hub_({"--tokens-file", tokens_.path()}) { hub_.Start().IgnoreError(); }

  TokensFile& tokens() { return tokens_; }
  std::string endpoint() const { return hub_.endpoint(); }
  Told Ask(const std::string& token) const { return ToldBy(GetStatus(endpoint(), token)); }
  // With the id of the first token that was made.
  static std::string WrongSecret() {
    std::array<uint8_t, 32> secret{};
    secret.fill(99);
    return MakeToken({0, 0, 0, 0, 0, 1}, secret).ToText();
  }

 private:
  TokensFile tokens_;
  HubProcess hub_;
};

Told CallWithoutAToken() {
  return TokenBed().Ask("");
}

Told CallWithAnUnknownToken() {
  return TokenBed().Ask(TokenBed::WrongSecret());
}

Told DeletionByAReader() {
  TokenBed bed;
  const std::string token = bed.tokens().Add(Role::kReader, kEveryApp);
  WaitFor([&] { return bed.Ask(token).status == absl::StatusCode::kOk; });
  v1::DeleteSessionRequest request;
  request.set_app(kApp);
  request.set_id("ada");
  return ToldBy(Call(bed.endpoint(), &v1::Admin::Stub::DeleteSession, request, token));
}

// A stream that says nothing.
struct SilentStream {
  explicit SilentStream(v1::Hub::Stub* stub) : stream(stub->Attach(&context)) {}

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::NodeFrame, v1::HubFrame>> stream;
};

// More of them than the hub has room for; then one more.
Told StreamTooMany() {
  constexpr int kStreams = 1'100;
  constexpr int kStreamsOfAConnection = 50;
  HubProcess hub({"--nodes-max", "1"});
  if (!hub.Start().ok()) return {};
  std::vector<std::unique_ptr<v1::Hub::Stub>> stubs;
  std::vector<std::unique_ptr<SilentStream>> all;
  for (int i = 0; i < kStreams; ++i) {
    if (i % kStreamsOfAConnection == 0) {
      stubs.push_back(v1::Hub::NewStub(NewChannel(hub.endpoint())));
    }
    all.push_back(std::make_unique<SilentStream>(stubs.back().get()));
  }
  WaitFor([&hub] { return hub.log().find("event=stream_refused") != std::string::npos; });
  const auto stub = v1::Hub::NewStub(NewChannel(hub.endpoint()));
  const SilentStream last(stub.get());
  v1::HubFrame frame;
  last.stream->Read(&frame);
  const Told told = ToldBy(last.stream->Finish());
  for (const auto& one : all) one->context.TryCancel();
  for (const auto& one : all) one->stream->Finish();
  return told;
}

// ---- sessions ----

Told DeletionForNobody() {
  HubProcess hub;
  if (!hub.Start().ok()) return {};
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  node.Attach();
  v1::DeleteSessionsOfOwnerRequest request;
  request.set_app(kApp);
  return ToldBy(Call(hub.endpoint(), &v1::Admin::Stub::DeleteSessionsOfOwner, request));
}

Told SessionOfNoApp() {
  HubProcess hub;
  if (!hub.Start().ok()) return {};
  return ToldBy(GetSession(hub.endpoint(), "ada"));
}

// Whose sessions change each time their fields are read.
class ChangingStore : public HeldStore {
 public:
  absl::Status ScanFields(SessionNumber session, const hub::VisitField& visit) const override {
    if (changes.load()) change();
    return HeldStore::ScanFields(session, visit);
  }

  std::function<void()> change;  // set before `changes`
  std::atomic<bool> changes = false;
};

Told ReadOfAChangingSession() {
  const auto store = std::make_shared<ChangingStore>();
  const HubHere here(store);
  RawNode node(here.endpoint(), kApp, "web-1", 'a');
  node.Attach();
  const uint64_t number = node.Open("ada").opened().number();
  store->change = [&] { node.Commit(DeltaOn(number, IncrementInt("n", 1))); };
  store->changes = true;
  return ToldBy(GetSession(here.endpoint(), "ada"));
}

Told DeletionWithoutAnAnswer() {
  hub::DeleteCalls calls;
  return ToldBy(calls.Await(calls.Begin(), absl::ZeroDuration()).status);
}

// Whose fields cannot be read, as those of a damaged table.
class DamagedStore : public HeldStore {
 public:
  absl::Status ScanFields(SessionNumber session, const hub::VisitField& visit) const override {
    return damaged ? Damage() : HeldStore::ScanFields(session, visit);
  }
  std::unique_ptr<hub::SessionSnapshot> PinSession(SessionNumber session) const override {
    if (!damaged) return HeldStore::PinSession(session);
    return std::make_unique<Snapshot>();
  }

  std::atomic<bool> damaged = false;

 private:
  class Snapshot : public hub::SessionSnapshot {
   public:
    absl::Status Scan(const std::optional<Path>&, const hub::VisitField&) const override {
      return Damage();
    }
  };

  static absl::Status Damage() {
    return hub::FromRocks(rocksdb::Status::Corruption("a block"), "cannot read /data");
  }
};

Told ReadOfADamagedSession() {
  const auto store = std::make_shared<DamagedStore>();
  const HubHere here(store);
  FillWithSessions(here.endpoint(), 1);
  store->damaged = true;
  return ToldBy(GetSession(here.endpoint(), "s0"));
}

Told OpenOfADamagedSession() {
  const auto store = std::make_shared<DamagedStore>();
  const HubHere here(store);
  FillWithSessions(here.endpoint(), 1);
  store->damaged = true;
  Told told = ToldBy(ConnectTo(here.endpoint(), "web-1").Open("s0").status());
  RawNode node(here.endpoint(), kApp, "web-2", 'b');
  node.Attach();
  v1::NodeFrame frame;
  frame.add_opens()->set_id("s0");
  node.Send(frame);
  while (const auto item = node.ReceiveItem()) {
    if (!item->has_ended()) continue;
    told.number = item->ended().why();
    return told;
  }
  return {};
}

// ---- the hub and its folder ----

Told FinalizeOfAnotherFormat() {
  HubProcess hub;
  if (!hub.Start().ok()) return {};
  v1::FinalizeUpgradeRequest request;
  request.set_format(99);
  return ToldBy(Call(hub.endpoint(), &v1::Admin::Stub::FinalizeUpgrade, request));
}

Told DrainOfAHubWithin() {
  const HubHere here(hub::MemoryStore::Create(HistoryId{1}));
  return ToldBy(Call(here.endpoint(), &v1::Admin::Stub::Drain, v1::DrainRequest()));
}

Told BackupWithoutAFolder() {
  HubProcess hub;
  if (!hub.Start().ok()) return {};
  return ToldBy(CreateBackup(hub.endpoint()));
}

Told BackupOnAFullDisk() {
  const TemporaryFolder folder;
  hub::Config config;
  config.data_dir = folder.path() + "/data";
  config.backup_dir = folder.path() + "/backups";
  config.disk_free_bytes_min = 1 << 20;
  for (const std::string& path : {config.data_dir, config.backup_dir}) {
    std::filesystem::create_directory(path);
  }
  hub::RocksStoreOptions options;
  options.data_dir = config.data_dir;
  options.backup_dir = config.backup_dir;
  auto store = hub::RocksStore::Open(options);
  if (!store.ok()) return {};
  const HubHere here(std::move(*store), config, [] { return uint64_t{1'000}; });
  here.running->LookAtTheDisk();
  return ToldBy(CreateBackup(here.endpoint()));
}

Told BackupTooMany() {
  constexpr int kBackups = 1'000;
  const TemporaryFolder folder;
  HubProcess hub({"--backup-dir", folder.path()});
  if (!hub.Start().ok()) return {};
  if (const grpc::Status first = CreateBackup(hub.endpoint()); !first.ok()) return ToldBy(first);
  // As many that have the same files.
  for (int i = 2; i <= kBackups; ++i) {
    std::filesystem::copy_file(folder.path() + "/meta/1",
                               folder.path() + "/meta/" + std::to_string(i));
  }
  return ToldBy(CreateBackup(hub.endpoint()));
}

// What `during` is told of a hub while it makes a backup, for which it takes its time; or what the
// one is told that made the backup.
Told WhileABackupIsMade(Told (*during)(HubProcess* hub, std::future<Told>* maker)) {
  const TemporaryFolder folder;
  HubProcess hub({"--backup-dir", folder.path(), "--backup-bytes-per-s-max", "1048576"});
  if (!hub.Start().ok()) return {};
  FillWithSessions(hub.endpoint(), 20);
  std::future<Told> maker =
      std::async(std::launch::async, [&hub] { return ToldBy(CreateBackup(hub.endpoint())); });
  WaitFor([&hub] {
    v1::ListBackupsResponse listing;
    Call(hub.endpoint(), &v1::Admin::Stub::ListBackups, v1::ListBackupsRequest(), "", &listing);
    return listing.running();
  });
  return during(&hub, &maker);
}

Told SecondBackup() {
  return WhileABackupIsMade([](HubProcess* hub, std::future<Told>* maker) {
    const Told told = ToldBy(CreateBackup(hub->endpoint()));
    hub->Terminate();
    maker->wait();
    return told;
  });
}

Told BackupOfAHubThatStops() {
  return WhileABackupIsMade([](HubProcess* hub, std::future<Told>* maker) {
    hub->Terminate();
    return maker->get();
  });
}

}  // namespace

std::vector<Provocation> CallProvocations() {
  const auto row = [](CallError error, const char* says, Told (*provoke)()) {
    return Provocation{ErrorFamily::kCall, static_cast<int>(error), says, provoke};
  };
  return {
      row(CallError::kTokenMissing, "none came", CallWithoutAToken),
      row(CallError::kTokenRefused, "token 000000000001", CallWithAnUnknownToken),
      row(CallError::kNotPermitted, "DeleteSession needs", DeletionByAReader),
      row(CallError::kStreamsMax, "1001 streams", StreamTooMany),
      row(CallError::kArgumentInvalid, "owner has 0 bytes", DeletionForNobody),
      row(CallError::kNotThere, "no app has the name shop", SessionOfNoApp),
      row(CallError::kSessionBusy, "faster than it can be read", ReadOfAChangingSession),
      row(CallError::kHubSlow, "in time", DeletionWithoutAnAnswer),
      row(CallError::kOtherFormat, "format 99 is not the newest", FinalizeOfAnotherFormat),
      row(CallError::kBackupsOff, "--backup-dir", BackupWithoutAFolder),
      row(CallError::kBackupRunning, "made already", SecondBackup),
      row(CallError::kBackupsMax, "holds 1000 backups", BackupTooMany),
      row(CallError::kDiskLow, "disk_free_bytes_min", BackupOnAFullDisk),
      row(CallError::kHubStops, "stopping", BackupOfAHubThatStops),
      row(CallError::kHubEmbedded, "inside another program", DrainOfAHubWithin),
      row(CallError::kRecordDamaged, "backup", ReadOfADamagedSession),
      {ErrorFamily::kEnded, v1::Ended::UNREADABLE, "cannot read this session",
       OpenOfADamagedSession},
  };
}

}  // namespace sessionhub::testing
