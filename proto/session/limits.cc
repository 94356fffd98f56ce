#include "proto/session/limits.h"

#include <algorithm>

namespace sessionhub {
namespace {

constexpr size_t kNameCharactersMax = 64;

absl::Status OverLimit(const std::string& what, uint64_t size, const char* unit,
                       const char* limit_name, uint64_t limit) {
  return absl::ResourceExhaustedError(what + " is " + std::to_string(size) + " " + unit +
                                      ", over " + limit_name + " = " + std::to_string(limit));
}

// An error that also says which field of the delta it is about.
absl::Status AtPath(const Path& path, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), path.ToText() + ": " + std::string(status.message()));
}

// The length of the result is known from the splice alone, so no session is needed to refuse it.
absl::Status CheckSpliceOperation(const Operation& operation, const Limits& limits) {
  if (absl::Status status = CheckSplice(operation.splice); !status.ok()) return status;
  const uint64_t kept_bytes = operation.splice.base_bytes - operation.splice.remove_bytes;
  if (kept_bytes <= limits.value_bytes_max &&
      operation.value.SizeBytes() <= limits.value_bytes_max - kept_bytes) {
    return absl::OkStatus();
  }
  return OverLimit("value after the splice", kept_bytes + operation.value.SizeBytes(), "bytes",
                   "value_bytes_max", limits.value_bytes_max);
}

absl::Status CheckOperation(const Operation& operation, const Limits& limits) {
  if (absl::Status status = CheckPath(operation.path, limits); !status.ok()) return status;
  switch (operation.kind) {
    case Operation::Kind::kPut:
      return AtPath(operation.path, CheckValue(operation.value, limits));
    case Operation::Kind::kIncrement:
      if (operation.value.type() != Value::Type::kInt &&
          operation.value.type() != Value::Type::kDouble) {
        return AtPath(operation.path, absl::InvalidArgumentError(std::string("increment by ") +
                                                                 TypeName(operation.value.type()) +
                                                                 ": give an int64 or a double"));
      }
      return absl::OkStatus();
    case Operation::Kind::kSplice:
      return AtPath(operation.path, CheckSpliceOperation(operation, limits));
    case Operation::Kind::kErase:
    case Operation::Kind::kEraseSubtree:
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError("unknown operation");
}

absl::Status CheckTimeout(const char* which, uint64_t timeout_ms, uint64_t least_ms) {
  if (timeout_ms == 0 || (timeout_ms >= least_ms && timeout_ms <= kTimeoutMsMax)) {
    return absl::OkStatus();
  }
  const std::string bound = timeout_ms < least_ms ? "least " + std::to_string(least_ms)
                                                  : "most " + std::to_string(kTimeoutMsMax);
  return absl::InvalidArgumentError(std::string(which) + " timeout is " +
                                    std::to_string(timeout_ms) + " ms: give at " + bound +
                                    ", or 0 for none");
}

// Not std::isalnum, which asks the locale.
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

absl::Status CheckId(std::string_view id, const Limits& limits) {
  if (id.empty()) return absl::InvalidArgumentError("session id is empty: give 1 to 256 bytes");
  if (id.size() > limits.id_bytes_max) {
    return OverLimit("session id", id.size(), "bytes", "id_bytes_max", limits.id_bytes_max);
  }
  return absl::OkStatus();
}

absl::Status CheckPath(const Path& path, const Limits& limits) {
  if (path.empty()) return absl::InvalidArgumentError("path is empty: name at least one segment");
  if (path.encoded().size() > limits.path_bytes_max) {
    return OverLimit("path", path.encoded().size(), "bytes", "path_bytes_max",
                     limits.path_bytes_max);
  }
  if (const size_t count = path.SegmentCount(); count > limits.path_segments_max) {
    return OverLimit("path", count, "segments", "path_segments_max", limits.path_segments_max);
  }
  return absl::OkStatus();
}

absl::Status CheckValue(const Value& value, const Limits& limits) {
  if (value.SizeBytes() > limits.value_bytes_max) {
    return OverLimit("value", value.SizeBytes(), "bytes", "value_bytes_max",
                     limits.value_bytes_max);
  }
  const std::string* text = value.AsString() ? value.AsString() : value.AsJson();
  if (text && !IsUtf8(*text)) {
    return absl::InvalidArgumentError(std::string(TypeName(value.type())) +
                                      " value is not UTF-8: put it as bytes");
  }
  return absl::OkStatus();
}

absl::Status CheckSettings(const Settings& settings, const Limits& limits) {
  const uint64_t idle_ms = settings.idle_timeout_ms.value_or(0);
  if (absl::Status status = CheckTimeout("idle", idle_ms, kIdleTimeoutMsMin); !status.ok()) {
    return status;
  }
  const uint64_t absolute_ms = settings.absolute_timeout_ms.value_or(0);
  if (absl::Status status = CheckTimeout("absolute", absolute_ms, 1); !status.ok()) return status;
  if (settings.owner && settings.owner->size() > limits.id_bytes_max) {
    return OverLimit("owner", settings.owner->size(), "bytes", "id_bytes_max", limits.id_bytes_max);
  }
  return absl::OkStatus();
}

absl::Status CheckDelta(const Delta& delta, const Limits& limits) {
  if (delta.deletes_session && !(delta.operations.empty() && delta.settings.empty())) {
    return absl::InvalidArgumentError(
        "a delta that deletes its session has operations or settings too");
  }
  if (delta.empty()) return absl::InvalidArgumentError("delta has no operation and no setting");
  if (absl::Status status = CheckSettings(delta.settings, limits); !status.ok()) return status;
  if (const uint64_t count = delta.operations.size() + delta.conditions.size();
      count > limits.delta_ops_max) {
    return OverLimit("delta", count, "operations", "delta_ops_max", limits.delta_ops_max);
  }
  if (const uint64_t bytes = delta.SizeBytes(); bytes > limits.delta_bytes_max) {
    return OverLimit("delta", bytes, "bytes", "delta_bytes_max", limits.delta_bytes_max);
  }
  for (const Operation& operation : delta.operations) {
    if (absl::Status status = CheckOperation(operation, limits); !status.ok()) return status;
  }
  for (const FieldCondition& condition : delta.conditions) {
    if (absl::Status status = CheckPath(condition.path, limits); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckName(std::string_view what, std::string_view name) {
  const bool legal = std::all_of(name.begin(), name.end(), IsNameCharacter);
  if (name.empty() || name.size() > kNameCharactersMax || !legal) {
    return absl::InvalidArgumentError(std::string(what) + " must be 1 to " +
                                      std::to_string(kNameCharactersMax) +
                                      " characters of [A-Za-z0-9._-]");
  }
  return absl::OkStatus();
}

}  // namespace sessionhub
