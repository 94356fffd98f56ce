#include "hub/forward/catch_up.h"

#include <memory>
#include <string>
#include <utility>

#include "hub/record/field_value.h"
#include "hub/shard/dedupe.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

absl::StatusOr<stored::Meta> LoadMeta(SessionNumber session, const Store& store) {
  ReadSet reads;
  reads.metas.push_back(session);
  Loaded loaded;
  RETURN_IF_ERROR(store.Load(reads, &loaded));
  std::optional<stored::Meta>& meta = loaded.metas[session];
  if (!meta) {
    return absl::DataLossError("session " + std::to_string(session) +
                               " is named but has no meta record");
  }
  return *std::move(meta);
}

}  // namespace

void CatchUpChunker::Add(const Operation& operation) {
  const size_t bytes = FieldSizeBytes(operation.path, operation.value);
  if (chunk_bytes_ > 0 && chunk_bytes_ + bytes > chunk_bytes_max_) Finish(/*more=*/true);
  AddOperation(operation, table_, &chunk_, &paths_);
  chunk_bytes_ += bytes;
}

void CatchUpChunker::Finish(bool more) {
  chunk_.set_replace(head_.replace);
  chunk_.set_included_seq(head_.included_seq);
  chunk_.set_more(more);
  chunk_.set_first(head_.first);
  chunk_.set_behind(head_.behind && !more);
  chunk_.set_idle_timeout_ms(head_.idle_timeout_ms);
  auto body = std::make_shared<Body>();
  chunk_.SerializeToString(&body->bytes);
  body->paths = std::move(paths_);
  items_.push_back(
      CatchUpItem{head_.handle, head_.from, head_.to, std::move(body), head_.receipt && !more});
  head_.first = false;
  chunk_.Clear();
  paths_.clear();
  chunk_bytes_ = 0;
}

absl::StatusOr<CatchUpPlan> PlanCatchUp(const CatchUpEffect& effect, const Store& store) {
  ASSIGN_OR_RETURN(const stored::Meta meta, LoadMeta(effect.session, store));
  CatchUpPlan plan;
  plan.since = effect.since;
  plan.version = meta.version();
  plan.ahead = effect.since > meta.version();
  plan.replace = effect.since == 0 || plan.ahead || meta.last_erase_version() > effect.since;
  plan.included_seq = IncludedSeq(meta, effect.incarnation);
  plan.bytes_bound = meta.bytes_bound();
  plan.idle_timeout_ms = meta.idle_timeout() / 1000;
  return plan;
}

absl::StatusOr<std::vector<OutboxItem>> MakeCatchUp(const CatchUpPlan& plan,
                                                    const CatchUpEffect& effect, const Store& store,
                                                    PathTable* table) {
  CatchUpChunker chunker(
      {effect.target.handle, plan.replace ? 0 : plan.since, plan.version, plan.replace,
       plan.included_seq, /*first=*/true, plan.idle_timeout_ms, effect.target.receipt},
      table);
  if (plan.reads()) {
    RETURN_IF_ERROR(
        store.ScanFields(effect.session, [&](const Path& path, const stored::Field& field) {
          if (plan.replace || field.version() > plan.since) {
            chunker.Add({Operation::Kind::kPut, path, ValueOf(field)});
          }
          return true;
        }));
  }
  chunker.Finish(/*more=*/false);
  return std::move(chunker.items());
}

absl::StatusOr<std::vector<OutboxItem>> FinishCatchUp(const FinishCatchUpEffect& effect,
                                                      const Store& store, PathTable* table) {
  const LargeRead& read = effect.read;
  CatchUpChunker::Head head{effect.target.handle, read.replace ? 0 : read.since,
                            read.version,         read.replace,
                            read.included_seq,    /*first=*/false};
  head.receipt = effect.target.receipt;
  head.behind = read.overrun;
  ASSIGN_OR_RETURN(const stored::Meta meta, LoadMeta(read.session, store));
  head.idle_timeout_ms = meta.idle_timeout() / 1000;
  if (!read.overrun) {
    head.to = meta.version();
    head.included_seq = IncludedSeq(meta, effect.incarnation);
  }
  CatchUpChunker chunker(head, table);
  for (const auto& operations : read.changes) {
    for (const Operation& operation : *operations) chunker.Add(operation);
  }
  chunker.Finish(/*more=*/false);
  return std::move(chunker.items());
}

}  // namespace sessionhub::hub
