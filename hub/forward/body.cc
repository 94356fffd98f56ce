#include "hub/forward/body.h"

#include <utility>

#include "proto/session/wire.h"

namespace sessionhub::hub {
namespace {

void Encode(const Operation& operation, PathTable* table, v1::Op* op,
            std::vector<const PathNumber*>* paths) {
  EncodeOp(
      operation,
      [&](const Path& path) -> uint32_t {
        const PathNumber* number = table ? table->Number(path) : nullptr;
        if (!number) return 0;
        paths->push_back(number);
        return number->number;
      },
      op);
}

}  // namespace

const PathNumber* PathTable::Number(const Path& path) {
  auto it = by_path_.find(path);
  if (it != by_path_.end()) return it->second;
  if (numbers_.size() >= paths_max_) return nullptr;
  const PathNumber* number = &numbers_.emplace_back(PathNumber{next_, path.ToText()});
  next_ += stride_;
  by_path_.emplace(path, number);
  return number;
}

std::shared_ptr<const Body> EncodeChanges(const std::vector<Operation>& operations,
                                          PathTable* table,
                                          std::optional<uint64_t> idle_timeout_ms) {
  auto body = std::make_shared<Body>();
  v1::Changes changes;
  if (idle_timeout_ms) changes.set_idle_timeout_ms(*idle_timeout_ms);
  for (const Operation& operation : operations) {
    Encode(operation, table, changes.add_ops(), &body->paths);
  }
  changes.SerializeToString(&body->bytes);
  return body;
}

void AddOperation(const Operation& operation, PathTable* table, v1::CatchUp* catch_up,
                  std::vector<const PathNumber*>* paths) {
  Encode(operation, table, catch_up->add_ops(), paths);
}

}  // namespace sessionhub::hub
