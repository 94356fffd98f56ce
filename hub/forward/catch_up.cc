#include "hub/forward/catch_up.h"

#include <memory>
#include <string>
#include <utility>

#include "hub/record/field_value.h"
#include "hub/shard/dedupe.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// Collects fields into items of about kCatchUpChunkBytes.
class Chunker {
 public:
  Chunker(const CatchUpEffect& effect, bool replace, Version to, uint64_t included_seq,
          PathTable* table)
      : handle_(effect.target.handle),
        from_(replace ? 0 : effect.since),
        to_(to),
        replace_(replace),
        included_seq_(included_seq),
        table_(table) {}

  void Add(const Path& path, Value value) {
    const size_t bytes = FieldSizeBytes(path, value);
    if (chunk_bytes_ > 0 && chunk_bytes_ + bytes > kCatchUpChunkBytes) Finish(/*more=*/true);
    AddOperation({Operation::Kind::kPut, path, std::move(value)}, table_, &chunk_, &paths_);
    chunk_bytes_ += bytes;
  }

  std::vector<OutboxItem> Take() && {
    Finish(/*more=*/false);
    return std::move(items_);
  }

 private:
  void Finish(bool more) {
    chunk_.set_replace(replace_);
    chunk_.set_included_seq(included_seq_);
    chunk_.set_more(more);
    auto body = std::make_shared<Body>();
    chunk_.SerializeToString(&body->bytes);
    body->paths = std::move(paths_);
    items_.push_back(CatchUpItem{handle_, from_, to_, std::move(body)});
    chunk_.Clear();
    paths_.clear();
    chunk_bytes_ = 0;
  }

  interest::Handle handle_;
  Version from_;
  Version to_;
  bool replace_;
  uint64_t included_seq_;
  PathTable* table_;
  v1::CatchUp chunk_;
  std::vector<const PathNumber*> paths_;
  size_t chunk_bytes_ = 0;
  std::vector<OutboxItem> items_;
};

}  // namespace

absl::StatusOr<CatchUp> MakeCatchUp(const CatchUpEffect& effect, const Store& store,
                                    PathTable* table) {
  ReadSet reads;
  reads.metas.push_back(effect.session);
  Loaded loaded;
  RETURN_IF_ERROR(store.Load(reads, &loaded));
  const std::optional<stored::Meta>& meta = loaded.metas[effect.session];
  if (!meta) {
    return absl::DataLossError("session " + std::to_string(effect.session) +
                               " is named but has no meta record");
  }
  CatchUp catch_up;
  catch_up.ahead = effect.since > meta->version();
  const bool replace =
      effect.since == 0 || catch_up.ahead || meta->last_erase_version() > effect.since;
  Chunker chunker(effect, replace, meta->version(), IncludedSeq(*meta, effect.incarnation), table);
  if (effect.since != meta->version()) {
    RETURN_IF_ERROR(
        store.ScanFields(effect.session, [&](const Path& path, const stored::Field& field) {
          if (replace || field.version() > effect.since) chunker.Add(path, ValueOf(field));
          return true;
        }));
  }
  catch_up.items = std::move(chunker).Take();
  return catch_up;
}

}  // namespace sessionhub::hub
