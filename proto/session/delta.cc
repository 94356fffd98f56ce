#include "proto/session/delta.h"

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace sessionhub {
namespace {

using Kind = Operation::Kind;

absl::Status WrongType(const Value& current, const Value& amount) {
  return absl::FailedPreconditionError(
      std::string("increment by ") + TypeName(amount.type()) + " of a field of type " +
      TypeName(current.type()) + ": put a number of type " + TypeName(amount.type()) + " first");
}

// Which payload a NaN sum carries depends on the compiler and the processor; copies must not.
double AddDoubles(double a, double b) {
  const double sum = a + b;
  return std::isnan(sum) ? std::numeric_limits<double>::quiet_NaN() : sum;
}

// What a splice inserts.
std::string_view Insert(const Operation& operation) {
  const std::string* bytes = operation.value.AsBytes();
  return bytes ? std::string_view(*bytes) : std::string_view();
}

// Undoes a half-applied delta: remembers what each touched field held before it was first touched.
class UndoLog {
 public:
  explicit UndoLog(FieldMap* fields) : fields_(fields) {}

  void Remember(const Path& path) {
    auto it = fields_->find(path);
    before_.emplace(path, it == fields_->end() ? std::nullopt : std::optional<Value>(it->second));
  }

  void RememberSubtree(const Path& path) {
    for (auto it = fields_->lower_bound(path); it != fields_->end() && path.Covers(it->first);
         ++it) {
      before_.emplace(it->first, it->second);
    }
  }

  void Restore() {
    for (auto& [path, value] : before_) {
      if (value) {
        (*fields_)[path] = std::move(*value);
      } else {
        fields_->erase(path);
      }
    }
  }

 private:
  FieldMap* fields_;
  std::map<Path, std::optional<Value>> before_;
};

absl::Status ApplyOne(const Operation& operation, FieldMap* fields) {
  switch (operation.kind) {
    case Kind::kPut:
      fields->insert_or_assign(operation.path, operation.value);
      return absl::OkStatus();
    case Kind::kErase:
      fields->erase(operation.path);
      return absl::OkStatus();
    case Kind::kEraseSubtree:
      EraseSubtree(operation.path, fields);
      return absl::OkStatus();
    case Kind::kIncrement: {
      auto it = fields->find(operation.path);
      absl::StatusOr<Value> sum =
          Increment(it == fields->end() ? nullptr : &it->second, operation.value);
      if (!sum.ok()) return sum.status();
      fields->insert_or_assign(operation.path, *std::move(sum));
      return absl::OkStatus();
    }
    case Kind::kSplice: {
      auto it = fields->find(operation.path);
      absl::StatusOr<Value> result = ApplySplice(it == fields->end() ? nullptr : &it->second,
                                                 operation.splice, Insert(operation));
      if (!result.ok()) return result.status();
      it->second = *std::move(result);
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError("unknown operation");
}

// Puts and erases cannot fail, so a delta of only those needs no undo.
bool CanFail(const Delta& delta) {
  for (const Operation& operation : delta.operations) {
    if (operation.kind == Kind::kIncrement || operation.kind == Kind::kSplice) return true;
  }
  return false;
}

// Collects operations in order, leaving out those that a later one makes void.
class Merger {
 public:
  void Add(const Operation& next) {
    switch (next.kind) {
      case Kind::kEraseSubtree:
        DropCovered(next.path, &by_path_);
        DropCovered(next.path, &subtree_erases_);
        subtree_erases_[next.path].push_back(operations_.size());
        operations_.emplace_back(next);
        return;
      case Kind::kPut:
      case Kind::kErase:
        Drop(next.path);
        break;
      case Kind::kIncrement:
        if (FoldIncrement(next)) return;
        break;
      case Kind::kSplice:
        if (FoldSplice(next)) return;
        break;
    }
    by_path_[next.path].push_back(operations_.size());
    operations_.emplace_back(next);
  }

  Delta Take() && {
    Delta delta;
    for (std::optional<Operation>& operation : operations_) {
      if (operation) delta.operations.push_back(*std::move(operation));
    }
    return delta;
  }

 private:
  using Index = std::map<Path, std::vector<size_t>>;  // places in operations_

  Index::iterator Drop(Index::iterator it, Index* index) {
    for (size_t place : it->second) operations_[place].reset();
    return index->erase(it);
  }

  void Drop(const Path& path) {
    auto it = by_path_.find(path);
    if (it != by_path_.end()) Drop(it, &by_path_);
  }

  void DropCovered(const Path& root, Index* index) {
    auto it = index->lower_bound(root);
    while (it != index->end() && root.Covers(it->first)) it = Drop(it, index);
  }

  // Adds to the newest operation on the field, if that gives the same result. Double sums are
  // folded only into a put: (a + b) + c is not a + (b + c).
  bool FoldIncrement(const Operation& next) {
    auto it = by_path_.find(next.path);
    if (it == by_path_.end()) return false;
    Operation& previous = *operations_[it->second.back()];
    if (previous.kind == Kind::kErase || previous.kind == Kind::kSplice) return false;
    if (previous.kind == Kind::kIncrement && next.value.type() == Value::Type::kDouble)
      return false;
    absl::StatusOr<Value> sum = Increment(&previous.value, next.value);
    if (!sum.ok()) return false;
    previous.value = *std::move(sum);
    return true;
  }

  // Only into a put: what a splice of a splice cuts may lie across both.
  bool FoldSplice(const Operation& next) {
    auto it = by_path_.find(next.path);
    if (it == by_path_.end()) return false;
    Operation& previous = *operations_[it->second.back()];
    if (previous.kind != Kind::kPut) return false;
    absl::StatusOr<Value> result = ApplySplice(&previous.value, next.splice, Insert(next));
    if (!result.ok()) return false;
    previous.value = *std::move(result);
    return true;
  }

  std::vector<std::optional<Operation>> operations_;
  Index by_path_;         // operations on exactly this field
  Index subtree_erases_;  // apart, since a later put at their root does not make them void
};

Settings MergeSettings(const Settings& first, const Settings& second) {
  Settings merged = second;
  if (!merged.idle_timeout_ms) merged.idle_timeout_ms = first.idle_timeout_ms;
  if (!merged.absolute_timeout_ms) merged.absolute_timeout_ms = first.absolute_timeout_ms;
  if (!merged.owner) merged.owner = first.owner;
  return merged;
}

}  // namespace

size_t Delta::SizeBytes() const {
  size_t bytes = settings.owner ? settings.owner->size() : 0;
  for (const Operation& operation : operations) {
    bytes += FieldSizeBytes(operation.path, operation.value);
  }
  for (const FieldCondition& condition : conditions) bytes += condition.path.encoded().size();
  return bytes;
}

absl::StatusOr<Value> Increment(const Value* current, const Value& amount) {
  const bool is_double = amount.type() == Value::Type::kDouble;
  if (!is_double && amount.type() != Value::Type::kInt) {
    return absl::InvalidArgumentError(std::string("increment by ") + TypeName(amount.type()) +
                                      ": give an int64 or a double");
  }
  const Value zero = is_double ? Value(0.0) : Value(0);
  if (!current) current = &zero;
  if (current->type() != amount.type()) return WrongType(*current, amount);
  if (is_double) return Value(AddDoubles(*current->AsDouble(), *amount.AsDouble()));
  int64_t sum = 0;
  if (__builtin_add_overflow(*current->AsInt(), *amount.AsInt(), &sum)) {
    return absl::OutOfRangeError("increment of " + std::to_string(*current->AsInt()) + " by " +
                                 std::to_string(*amount.AsInt()) + " leaves the range of int64");
  }
  return Value(sum);
}

Operation MakeSplice(Path path, std::string_view base, uint64_t offset, uint64_t remove_bytes,
                     std::string insert) {
  return {Kind::kSplice, std::move(path), Value::Bytes(std::move(insert)),
          SpliceOn(base, offset, remove_bytes)};
}

absl::Status Apply(const Delta& delta, FieldMap* fields) {
  UndoLog undo(fields);
  const bool can_fail = CanFail(delta);
  for (const Operation& operation : delta.operations) {
    if (can_fail && operation.kind == Kind::kEraseSubtree) {
      undo.RememberSubtree(operation.path);
    } else if (can_fail) {
      undo.Remember(operation.path);
    }
    if (absl::Status status = ApplyOne(operation, fields); !status.ok()) {
      undo.Restore();
      return status;
    }
  }
  return absl::OkStatus();
}

Delta Merge(const Delta& first, const Delta& second) {
  Merger merger;
  for (const Operation& operation : first.operations) merger.Add(operation);
  for (const Operation& operation : second.operations) merger.Add(operation);
  Delta merged = std::move(merger).Take();
  merged.settings = MergeSettings(first.settings, second.settings);
  merged.deletes_session = first.deletes_session || second.deletes_session;
  if (merged.deletes_session) {
    merged.operations.clear();
    merged.settings = {};
  }
  return merged;
}

}  // namespace sessionhub
