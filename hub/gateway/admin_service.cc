#include "hub/gateway/admin_service.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "hub/record/field_value.h"
#include "hub/shard/renames.h"
#include "proto/session/error_codes.h"
#include "proto/session/status_macros.h"
#include "proto/session/wire.h"

namespace sessionhub::hub {
namespace {

constexpr uint32_t kPageSizeDefault = 100;
constexpr uint32_t kPageSizeMax = 1000;
constexpr int kReadTriesMax = 100;
constexpr size_t kDeletedAtOnceMax = 256;
constexpr absl::Duration kDeleteTimeout = absl::Seconds(30);

void AddCounters(const Shard& shard, v1::Counters* counters) {
  const ShardCounters& from = shard.machine().counters();
  counters->set_deltas_applied(counters->deltas_applied() + from.deltas_applied);
  counters->set_deltas_refused(counters->deltas_refused() + from.deltas_refused);
  counters->set_deltas_duplicate(counters->deltas_duplicate() + from.deltas_duplicate);
  counters->set_forwards(counters->forwards() + from.forwards);
  counters->set_catch_ups(counters->catch_ups() + from.catch_ups);
  counters->set_large_catch_ups(counters->large_catch_ups() + from.large_catch_ups);
  counters->set_lapses(counters->lapses() + from.lapses);
  counters->set_turns(counters->turns() + shard.turns());
  counters->set_syncs(counters->syncs() + shard.syncs());
  counters->set_sessions_created(counters->sessions_created() + from.sessions_created);
  counters->set_sessions_ended(counters->sessions_ended() + from.sessions_ended);
  counters->set_sessions_expired(counters->sessions_expired() + from.sessions_expired);
  counters->set_touches(counters->touches() + from.touches);
  counters->set_locks_granted(counters->locks_granted() + from.locks_granted);
  counters->set_copies_ahead(counters->copies_ahead() + shard.copies_ahead());
}

void AddTraffic(const AppTraffic& traffic, v1::Counters* counters) {
  for (const TrafficOfApp& app : traffic.All()) {
    counters->set_deltas_received(counters->deltas_received() + app.traffic.deltas_in);
    counters->set_frame_bytes_in(counters->frame_bytes_in() + app.traffic.bytes_in);
    counters->set_frame_bytes_out(counters->frame_bytes_out() + app.traffic.bytes_out);
  }
}

absl::Status CheckOwner(const std::string& owner, const Limits& limits) {
  if (!owner.empty() && owner.size() <= limits.id_bytes_max) return absl::OkStatus();
  return ErrorStatus(CallError::kArgumentInvalid, "owner has " + std::to_string(owner.size()) +
                                                      " bytes: give 1 to " +
                                                      std::to_string(limits.id_bytes_max));
}

void Fill(SessionNumber number, const stored::Meta& meta, const stored::Identity& identity,
          v1::SessionSummary* summary) {
  summary->set_id(identity.id());
  summary->set_number(number);
  summary->set_version(meta.version());
  summary->set_created_ms(identity.created() / 1000);
  summary->set_owner(identity.owner());
  summary->set_last_access_ms(meta.last_access() / 1000);
  summary->set_idle_timeout_ms(meta.idle_timeout() / 1000);
  summary->set_absolute_deadline_ms(meta.absolute_deadline() / 1000);
}

// Page tokens are the slot and the id of the last name of the page before.
std::string PageToken(const NameKey& last) {
  std::string token;
  token.push_back(static_cast<char>(last.slot));
  return token.append(last.id);
}

std::optional<NameKey> FromPageToken(const std::string& token, AppNumber app) {
  if (token.empty()) return std::nullopt;
  return NameKey{static_cast<Slot>(token[0]), app, token.substr(1)};
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

uint64_t DeleteCalls::Begin() {
  absl::MutexLock lock(&mutex_);
  calls_[++last_] = std::nullopt;
  return last_;
}

void DeleteCalls::Answer(const DeletedEffect& effect) {
  absl::MutexLock lock(&mutex_);
  auto it = calls_.find(effect.call);
  if (it != calls_.end()) it->second = effect;
}

DeletedEffect DeleteCalls::Await(uint64_t call, absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto answered = [this, call]()
                            ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return calls_[call].has_value(); };
  DeletedEffect effect;
  if (mutex_.AwaitWithTimeout(absl::Condition(&answered), timeout)) {
    effect = *calls_[call];
  } else {
    effect.status = ErrorStatus(CallError::kHubSlow, "the hub did not answer in time: ask again");
  }
  calls_.erase(call);
  return effect;
}

absl::StatusOr<AppNumber> AdminService::AppOf(const std::string& name) const {
  RETURN_IF_ERROR(CheckName("app", name));
  ASSIGN_OR_RETURN(const std::optional<stored::App> app, context_.store->FindApp(name));
  if (!app) return ErrorStatus(CallError::kNotThere, "no app has the name " + name);
  return app->number();
}

absl::StatusOr<SessionNumber> AdminService::NumberOf(const std::string& app,
                                                     const std::string& id) const {
  ASSIGN_OR_RETURN(const AppNumber number, AppOf(app));
  RETURN_IF_ERROR(CheckId(id, context_.limits));
  const NameKey key{SlotOf(app, id), number, id};
  ReadSet reads;
  reads.names.push_back(key);
  Loaded loaded;
  RETURN_IF_ERROR(context_.store->Load(reads, &loaded));
  const std::optional<stored::Name>& name = loaded.names[key];
  if (!name) return ErrorStatus(CallError::kNotThere, "no session has this id");
  if (IsExact(key, *name)) return name->number();
  reads = {};
  reads.identities.push_back(name->number());
  RETURN_IF_ERROR(context_.store->Load(reads, &loaded));
  const std::optional<stored::Identity>& identity = loaded.identities[name->number()];
  if (!identity || identity->id() != id) {
    return ErrorStatus(CallError::kNotThere, "no session has this id");
  }
  return name->number();
}

grpc::Status AdminService::GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                                     v1::GetStatusResponse* response) {
  response->set_version(context_.version);
  response->set_history_id(Id128ToBytes(context_.store->history_id()));
  response->set_uptime_ms((context_.now_us() - context_.started_us) / 1000);
  response->set_hub_time_ms(context_.now_us() / 1000);
  response->set_nodes(context_.registry->attached_count());
  response->set_data_dir(context_.data_dir);
  response->set_shards(static_cast<uint32_t>(context_.shards.size()));
  response->set_catch_up_reads(context_.reader->reads());
  response->set_catch_up_bytes(context_.registry->chunk_bytes());
  response->set_disk_free_bytes(context_.space->free_bytes());
  response->set_growth_waits(context_.space->growth_waits());
  response->set_connections_refused(context_.connections_refused());
  response->set_format(context_.store->format());
  response->set_newest_format(context_.store->newest_format());
  response->mutable_counters()->set_wall_clock_steps(context_.clock->wall_clock_steps());
  response->set_sessions(context_.app_sessions->total());
  AddTraffic(*context_.traffic, response->mutable_counters());
  const SentBytes sent = context_.sent_bytes();
  response->mutable_counters()->set_forward_bytes(sent.forward);
  response->mutable_counters()->set_catch_up_bytes(sent.catch_up);
  response->mutable_counters()->set_broadcast_bytes(sent.broadcast);
  for (ShardThread* shard : context_.shards) {
    shard->Inspect([response](const Shard& state) {
      AddCounters(state, response->mutable_counters());
      response->set_interests(response->interests() + state.machine().index().pair_count());
      response->set_lock_waits(response->lock_waits() + state.machine().lock_waits());
    });
  }
  return grpc::Status::OK;
}

grpc::Status AdminService::ListNodes(grpc::ServerContext*, const v1::ListNodesRequest*,
                                     v1::ListNodesResponse* response) {
  const std::vector<NodeListing> listing = context_.registry->List();
  std::vector<uint64_t> interests(listing.size());
  for (ShardThread* shard : context_.shards) {
    shard->Inspect([&](const Shard& state) {
      for (size_t i = 0; i < listing.size(); ++i) {
        interests[i] += state.machine().index().HandleCountOf(listing[i].origin.node);
      }
    });
  }
  for (size_t i = 0; i < listing.size(); ++i) {
    const NodeListing& from = listing[i];
    v1::Node* node = response->add_nodes();
    node->set_app(from.app_name);
    node->set_name(from.name);
    node->set_incarnation(Id128ToBytes(from.incarnation));
    node->set_attached(from.attached);
    node->set_interests(interests[i]);
    node->set_forwards(from.forwards);
    node->set_outbox_bytes(from.outbox_bytes);
    if (from.attached) {
      node->set_attached_for_ms((context_.now_us() - from.attached_at_us) / 1000);
    }
    node->set_peer(from.peer);
  }
  return grpc::Status::OK;
}

absl::Status AdminService::Summarize(
    const std::vector<NameEntry>& names,
    google::protobuf::RepeatedPtrField<v1::SessionSummary>* summaries) const {
  ReadSet reads;
  for (const NameEntry& entry : names) {
    reads.metas.push_back(entry.name.number());
    reads.identities.push_back(entry.name.number());
  }
  Loaded loaded;
  RETURN_IF_ERROR(context_.store->Load(reads, &loaded));
  absl::flat_hash_map<SessionNumber, uint64_t> nodes;
  for (ShardThread* shard : context_.shards) {
    shard->Inspect([&](const Shard& state) {
      for (const NameEntry& entry : names) {
        nodes[entry.name.number()] += state.machine().index().PairsOf(entry.name.number()).size();
      }
    });
  }
  for (const NameEntry& entry : names) {
    const SessionNumber number = entry.name.number();
    const std::optional<stored::Meta>& meta = loaded.metas[number];
    const std::optional<stored::Identity>& identity = loaded.identities[number];
    if (!meta || meta->dead() || !identity) continue;
    if (!entry.key.id.empty() && identity->id() != entry.key.id) continue;  // it had this id
    v1::SessionSummary* summary = summaries->Add();
    Fill(number, *meta, *identity, summary);
    summary->set_nodes(nodes[number]);
  }
  return absl::OkStatus();
}

grpc::Status AdminService::ListSessions(grpc::ServerContext*,
                                        const v1::ListSessionsRequest* request,
                                        v1::ListSessionsResponse* response) {
  const auto app = AppOf(request->app());
  if (!app.ok()) return ToGrpcStatus(app.status());
  const uint32_t wanted = request->page_size() == 0 ? kPageSizeDefault : request->page_size();
  const uint32_t page_size = std::min(wanted, kPageSizeMax);
  if (!request->owner().empty()) {
    return ToGrpcStatus(ListOwned(*app, *request, page_size, response));
  }
  const auto names =
      context_.store->ListNames(*app, FromPageToken(request->page_token(), *app), page_size);
  if (!names.ok()) return ToGrpcStatus(names.status());
  if (names->size() == page_size) response->set_next_page_token(PageToken(names->back().key));
  return ToGrpcStatus(Summarize(*names, response->mutable_sessions()));
}

// Page tokens of an owner's sessions are the last session number.
absl::Status AdminService::ListOwned(AppNumber app, const v1::ListSessionsRequest& request,
                                     uint32_t page_size, v1::ListSessionsResponse* response) const {
  RETURN_IF_ERROR(CheckOwner(request.owner(), context_.limits));
  SessionNumber after = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &after)) {
    return ErrorStatus(CallError::kArgumentInvalid,
                       "page_token is not one of this owner's listing");
  }
  ASSIGN_OR_RETURN(const std::vector<SessionNumber> owned,
                   context_.store->ListOwned(app, request.owner(), after, page_size));
  std::vector<NameEntry> entries(owned.size());
  for (size_t i = 0; i < owned.size(); ++i) entries[i].name.set_number(owned[i]);
  RETURN_IF_ERROR(Summarize(entries, response->mutable_sessions()));
  // One that got another owner since the index was read is that owner's affair.
  auto* sessions = response->mutable_sessions();
  sessions->erase(std::remove_if(sessions->begin(), sessions->end(),
                                 [&](const v1::SessionSummary& session) {
                                   return session.owner() != request.owner();
                                 }),
                  sessions->end());
  if (owned.size() == page_size) {
    response->set_next_page_token(std::to_string(owned.back()));
  }
  return absl::OkStatus();
}

grpc::Status AdminService::CountSessions(grpc::ServerContext*,
                                         const v1::CountSessionsRequest* request,
                                         v1::CountSessionsResponse* response) {
  const auto app = AppOf(request->app());
  if (!app.ok()) return ToGrpcStatus(app.status());
  if (request->owner().empty()) {
    response->set_sessions(context_.app_sessions->Of(*app));
    return grpc::Status::OK;
  }
  const auto count = CountOwned(*app, request->owner());
  if (!count.ok()) return ToGrpcStatus(count.status());
  response->set_sessions(*count);
  return grpc::Status::OK;
}

absl::StatusOr<uint64_t> AdminService::CountOwned(AppNumber app, const std::string& owner) const {
  RETURN_IF_ERROR(CheckOwner(owner, context_.limits));
  uint64_t count = 0;
  for (SessionNumber after = 0;;) {
    ASSIGN_OR_RETURN(const std::vector<SessionNumber> owned,
                     context_.store->ListOwned(app, owner, after, kPageSizeMax));
    count += owned.size();
    if (owned.size() < kPageSizeMax) return count;
    after = owned.back();
  }
}

grpc::Status AdminService::DeleteSessionsOfOwner(grpc::ServerContext*,
                                                 const v1::DeleteSessionsOfOwnerRequest* request,
                                                 v1::DeleteSessionsOfOwnerResponse* response) {
  const auto app = AppOf(request->app());
  if (!app.ok()) return ToGrpcStatus(app.status());
  if (absl::Status status = CheckOwner(request->owner(), context_.limits); !status.ok()) {
    return ToGrpcStatus(status);
  }
  const auto deleted = DeleteOwned(*app, request->owner(), request->as_expired());
  if (!deleted.ok()) return ToGrpcStatus(deleted.status());
  response->set_deleted(*deleted);
  response->set_expired(request->as_expired());
  return grpc::Status::OK;
}

// A batch at a time, each waited for, so that no mailbox fills up.
absl::StatusOr<uint64_t> AdminService::DeleteOwned(AppNumber app, const std::string& owner,
                                                   bool as_expired) {
  uint64_t deleted = 0;
  for (SessionNumber after = 0;;) {
    ASSIGN_OR_RETURN(const std::vector<SessionNumber> owned,
                     context_.store->ListOwned(app, owner, after, kDeletedAtOnceMax));
    std::vector<uint64_t> calls;
    for (SessionNumber session : owned) {
      calls.push_back(context_.delete_calls->Begin());
      context_.router->Post(DeleteInput{calls.back(), {0, app, {}}, session, owner, as_expired});
    }
    absl::Status failed;
    for (uint64_t call : calls) {
      const absl::Status status = context_.delete_calls->Await(call, kDeleteTimeout).status;
      if (status.ok()) ++deleted;
      if (!status.ok() && !absl::IsNotFound(status)) failed = status;
    }
    RETURN_IF_ERROR(failed);
    if (owned.size() < kDeletedAtOnceMax) return deleted;
    after = owned.back();
  }
}

absl::Status AdminService::ReadSession(const v1::GetSessionRequest& request,
                                       v1::GetSessionResponse* response) const {
  NameEntry entry;
  entry.key.id = request.id();
  google::protobuf::RepeatedPtrField<v1::SessionSummary> summaries;
  // Number and version are read before and after the fields: if they are equal, no turn has come
  // between, nor did the session end.
  for (int tries = 0; tries < kReadTriesMax; ++tries) {
    ASSIGN_OR_RETURN(const SessionNumber number, NumberOf(request.app(), request.id()));
    entry.name.set_number(number);
    summaries.Clear();
    RETURN_IF_ERROR(Summarize({entry}, &summaries));
    if (summaries.empty()) return ErrorStatus(CallError::kNotThere, "no session has this id");
    const Version before = summaries[0].version();
    response->clear_fields();
    RETURN_IF_ERROR(
        context_.store->ScanFields(number, [&](const Path& path, const stored::Field& field) {
          v1::Op* op = response->add_fields();
          op->set_path(path.ToText());
          EncodePut(ValueOf(field), op);
          return true;
        }));
    summaries.Clear();
    RETURN_IF_ERROR(Summarize({entry}, &summaries));
    ASSIGN_OR_RETURN(const SessionNumber now, NumberOf(request.app(), request.id()));
    if (summaries.empty() || summaries[0].version() != before || now != number) continue;
    *response->mutable_summary() = summaries[0];
    return absl::OkStatus();
  }
  return ErrorStatus(CallError::kSessionBusy,
                     "session changes faster than it can be read: try again");
}

grpc::Status AdminService::GetSession(grpc::ServerContext*, const v1::GetSessionRequest* request,
                                      v1::GetSessionResponse* response) {
  return ToGrpcStatus(ReadSession(*request, response));
}

grpc::Status AdminService::DeleteSession(grpc::ServerContext*,
                                         const v1::DeleteSessionRequest* request,
                                         v1::DeleteSessionResponse* response) {
  const auto app = AppOf(request->app());
  if (!app.ok()) return ToGrpcStatus(app.status());
  if (absl::Status status = CheckId(request->id(), context_.limits); !status.ok()) {
    return ToGrpcStatus(status);
  }
  const uint64_t call = context_.delete_calls->Begin();
  context_.router->Post(DeleteInput{call,
                                    {SlotOf(request->app(), request->id()), *app, request->id()},
                                    0,
                                    {},
                                    request->as_expired()});
  const DeletedEffect deleted = context_.delete_calls->Await(call, kDeleteTimeout);
  response->set_number(deleted.number);
  response->set_version(deleted.version);
  response->set_expired(request->as_expired());
  return ToGrpcStatus(deleted.status);
}

// The format is named by who asks, so that what an operator has agreed to is what happens, even if
// another hub serves the folder by now.
grpc::Status AdminService::FinalizeUpgrade(grpc::ServerContext*,
                                           const v1::FinalizeUpgradeRequest* request,
                                           v1::FinalizeUpgradeResponse* response) {
  Store* const store = context_.store;
  if (request->format() != store->newest_format()) {
    return ToGrpcStatus(ErrorStatus(
        CallError::kOtherFormat,
        "format " + std::to_string(request->format()) + " is not the newest of this hub, " +
            std::to_string(store->newest_format()) + ": look at its status and ask again"));
  }
  const uint32_t before = store->format();
  if (const absl::Status status = store->FinalizeFormat(); !status.ok()) {
    LOG(ERROR) << "event=finalize_failed format=" << request->format()
               << " format_before=" << before << " status=\"" << status.ToString() << "\"";
    return ToGrpcStatus(status);
  }
  if (before != store->format()) {
    LOG(INFO) << "event=upgrade_finalized format=" << store->format() << " format_before=" << before
              << " data_dir=" << context_.data_dir
              << " effect=\"releases that do not know this format refuse the folder\"";
  }
  response->set_format(store->format());
  response->set_format_before(before);
  return grpc::Status::OK;
}

}  // namespace sessionhub::hub
