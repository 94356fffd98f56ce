#include "proto/session/wire.h"

#include <string>
#include <utility>

namespace sessionhub {
namespace {

using Kind = Operation::Kind;

// Of an Op or a FieldCondition.
template <typename Named>
absl::StatusOr<Path> DecodePath(const Named& named, const FindPath& find_path) {
  if (named.path_number() == 0) return Path::FromText(named.path());
  if (!named.path().empty()) {
    return absl::InvalidArgumentError("operation has a path and a path number: give one of them");
  }
  const Path* path = find_path(named.path_number());
  if (!path) {
    return absl::InvalidArgumentError("path number " + std::to_string(named.path_number()) +
                                      " was not defined on this stream");
  }
  return *path;
}

template <typename Named>
void EncodePath(const Path& path, const NumberPath& number_path, Named* named) {
  if (const uint32_t number = number_path(path); number != 0) {
    named->set_path_number(number);
  } else {
    named->set_path(path.ToText());
  }
}

absl::StatusOr<FieldCondition> DecodeCondition(const v1::FieldCondition& wire,
                                               const FindPath& find_path) {
  absl::StatusOr<Path> path = DecodePath(wire, find_path);
  if (!path.ok()) return path.status();
  switch (wire.condition_case()) {
    case v1::FieldCondition::kAbsent:
      if (!wire.absent()) break;
      return FieldCondition{*std::move(path), true, 0};
    case v1::FieldCondition::kUnchangedSince:
      return FieldCondition{*std::move(path), false, wire.unchanged_since()};
    case v1::FieldCondition::CONDITION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("condition is not set, false, or not known to this hub");
}

// What of a delta needs a feature that is not agreed, or is not offered at all; nullptr: nothing.
const char* NotAgreed(const v1::Delta& wire, uint64_t features) {
  const auto lacks = [features](v1::Feature feature) { return (features & feature) == 0; };
  if ((wire.if_version() != 0 || wire.conditions_size() != 0) && lacks(v1::FEATURE_CONDITIONS)) {
    return "preconditions are";
  }
  if (wire.after_previous() && lacks(v1::FEATURE_AFTER_PREVIOUS)) return "after_previous is";
  if (wire.delivered() && lacks(v1::FEATURE_DELIVERED)) return "delivered is";
  if (wire.received() && lacks(v1::FEATURE_RECEIVED)) return "received is";
  if (wire.has_settings() && lacks(v1::FEATURE_LIFE)) return "settings are";
  if (wire.lock_token() != 0 && lacks(v1::FEATURE_LOCKS)) return "lock_token is";
  return nullptr;
}

Operation Put(Value value) {
  return {Kind::kPut, Path(), std::move(value)};
}

Operation DecodeSplice(const v1::Splice& splice) {
  return {Kind::kSplice,
          Path(),
          Value::Bytes(splice.insert()),
          {splice.offset(), splice.remove_bytes(), splice.base_bytes(), splice.base_xxh3_64()}};
}

// A flag of the oneof that is set to false says nothing clear, and must not erase a field.
bool FlagIsFalse(const v1::Op& op) {
  return (op.has_put_null() && !op.put_null()) || (op.has_erase() && !op.erase()) ||
         (op.has_erase_subtree() && !op.erase_subtree());
}

absl::StatusOr<Operation> DecodeOperation(const v1::Op& op) {
  if (FlagIsFalse(op)) {
    return absl::InvalidArgumentError(
        "put_null, erase or erase_subtree is false: set it to true or leave it out");
  }
  switch (op.operation_case()) {
    case v1::Op::kPutString:
      return Put(Value(op.put_string()));
    case v1::Op::kPutBytes:
      return Put(Value::Bytes(op.put_bytes()));
    case v1::Op::kPutInt:
      return Put(Value(int64_t{op.put_int()}));
    case v1::Op::kPutDouble:
      return Put(Value(op.put_double()));
    case v1::Op::kPutBool:
      return Put(Value(op.put_bool()));
    case v1::Op::kPutNull:
      return Put(Value::Null());
    case v1::Op::kPutJson:
      return Put(Value::Json(op.put_json()));
    case v1::Op::kErase:
      return Operation{Kind::kErase, Path(), Value()};
    case v1::Op::kEraseSubtree:
      return Operation{Kind::kEraseSubtree, Path(), Value()};
    case v1::Op::kIncrementInt:
      return Operation{Kind::kIncrement, Path(), Value(int64_t{op.increment_int()})};
    case v1::Op::kIncrementDouble:
      return Operation{Kind::kIncrement, Path(), Value(op.increment_double())};
    case v1::Op::kSplice:
      return DecodeSplice(op.splice());
    case v1::Op::OPERATION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("operation is not set or not known to this hub");
}

Settings DecodeSettings(const v1::Settings& wire) {
  Settings settings;
  if (wire.has_idle_timeout_ms()) settings.idle_timeout_ms = wire.idle_timeout_ms();
  if (wire.has_absolute_timeout_ms()) settings.absolute_timeout_ms = wire.absolute_timeout_ms();
  if (wire.has_owner()) settings.owner = wire.owner();
  return settings;
}

}  // namespace

void EncodePut(const Value& value, v1::Op* op) {
  switch (value.type()) {
    case Value::Type::kNull:
      op->set_put_null(true);
      break;
    case Value::Type::kBool:
      op->set_put_bool(*value.AsBool());
      break;
    case Value::Type::kInt:
      op->set_put_int(*value.AsInt());
      break;
    case Value::Type::kDouble:
      op->set_put_double(*value.AsDouble());
      break;
    case Value::Type::kString:
      op->set_put_string(*value.AsString());
      break;
    case Value::Type::kBytes:
      op->set_put_bytes(*value.AsBytes());
      break;
    case Value::Type::kJson:
      op->set_put_json(*value.AsJson());
      break;
  }
}

void EncodeSplice(const Operation& operation, v1::Splice* splice) {
  splice->set_offset(operation.splice.offset);
  splice->set_remove_bytes(operation.splice.remove_bytes);
  splice->set_base_bytes(operation.splice.base_bytes);
  splice->set_base_xxh3_64(operation.splice.base_xxh3_64);
  if (const std::string* insert = operation.value.AsBytes()) splice->set_insert(*insert);
}

void EncodeOp(const Operation& operation, const NumberPath& number_path, v1::Op* op) {
  EncodePath(operation.path, number_path, op);
  switch (operation.kind) {
    case Kind::kPut:
      EncodePut(operation.value, op);
      break;
    case Kind::kErase:
      op->set_erase(true);
      break;
    case Kind::kEraseSubtree:
      op->set_erase_subtree(true);
      break;
    case Kind::kIncrement:
      if (operation.value.type() == Value::Type::kDouble) {
        op->set_increment_double(*operation.value.AsDouble());
      } else {
        op->set_increment_int(operation.value.AsInt().value_or(0));
      }
      break;
    case Kind::kSplice:
      EncodeSplice(operation, op->mutable_splice());
      break;
  }
}

absl::StatusOr<Operation> DecodeOp(const v1::Op& op, const FindPath& find_path) {
  absl::StatusOr<Path> path = DecodePath(op, find_path);
  if (!path.ok()) return path.status();
  absl::StatusOr<Operation> operation = DecodeOperation(op);
  if (operation.ok()) operation->path = *std::move(path);
  return operation;
}

void EncodeDelta(const Delta& delta, const NumberPath& number_path, v1::Delta* wire) {
  wire->set_delete_session(delta.deletes_session);
  for (const Operation& operation : delta.operations) {
    EncodeOp(operation, number_path, wire->add_ops());
  }
  wire->set_if_version(delta.if_version);
  for (const FieldCondition& condition : delta.conditions) {
    v1::FieldCondition* added = wire->add_conditions();
    EncodePath(condition.path, number_path, added);
    if (condition.absent) {
      added->set_absent(true);
    } else {
      added->set_unchanged_since(condition.unchanged_since);
    }
  }
  wire->set_after_previous(delta.after_previous);
  wire->set_lock_token(delta.lock_token);
  if (!delta.settings.empty()) EncodeSettings(delta.settings, wire->mutable_settings());
}

absl::StatusOr<Delta> DecodeDelta(const v1::Delta& wire, const FindPath& find_path,
                                  uint64_t features) {
  if (const char* what = NotAgreed(wire, features)) {
    return absl::UnimplementedError(std::string(what) + " not agreed on this stream: leave it out");
  }
  Delta delta;
  delta.deletes_session = wire.delete_session();
  if (wire.has_settings()) delta.settings = DecodeSettings(wire.settings());
  delta.if_version = wire.if_version();
  delta.after_previous = wire.after_previous();
  delta.lock_token = wire.lock_token();
  delta.operations.reserve(wire.ops_size());
  for (const v1::Op& op : wire.ops()) {
    if (op.has_splice() && (features & v1::FEATURE_SPLICE) == 0) {
      return absl::UnimplementedError("splice is not agreed on this stream: put the value");
    }
    absl::StatusOr<Operation> operation = DecodeOp(op, find_path);
    if (!operation.ok()) return operation.status();
    delta.operations.push_back(*std::move(operation));
  }
  for (const v1::FieldCondition& condition : wire.conditions()) {
    absl::StatusOr<FieldCondition> decoded = DecodeCondition(condition, find_path);
    if (!decoded.ok()) return decoded.status();
    delta.conditions.push_back(*std::move(decoded));
  }
  return delta;
}

void EncodeSettings(const Settings& settings, v1::Settings* wire) {
  if (settings.idle_timeout_ms) wire->set_idle_timeout_ms(*settings.idle_timeout_ms);
  if (settings.absolute_timeout_ms) wire->set_absolute_timeout_ms(*settings.absolute_timeout_ms);
  if (settings.owner) wire->set_owner(*settings.owner);
}

void EncodeNewSession(const Settings& settings, v1::NewSession* wire) {
  wire->set_idle_timeout_ms(settings.idle_timeout_ms.value_or(0));
  wire->set_absolute_timeout_ms(settings.absolute_timeout_ms.value_or(0));
  if (settings.owner) wire->set_owner(*settings.owner);
}

Settings DecodeNewSession(const v1::NewSession& wire) {
  Settings settings;
  if (wire.idle_timeout_ms() > 0) settings.idle_timeout_ms = wire.idle_timeout_ms();
  if (wire.absolute_timeout_ms() > 0) settings.absolute_timeout_ms = wire.absolute_timeout_ms();
  if (!wire.owner().empty()) settings.owner = wire.owner();
  return settings;
}

size_t RequestsOf(const v1::NodeFrame& frame) {
  size_t requests = 0;
  for (int kind : {frame.opens_size(), frame.resumes_size(), frame.deltas_size(),
                   frame.closes_size(), frame.touches_size(), frame.renames_size(),
                   frame.unlocks_size(), frame.locks_size(), frame.receipts_size()}) {
    requests += static_cast<size_t>(kind);
  }
  return requests;
}

void EncodeLimits(const Limits& limits, v1::Limits* wire) {
  wire->set_id_bytes_max(limits.id_bytes_max);
  wire->set_path_bytes_max(limits.path_bytes_max);
  wire->set_path_segments_max(limits.path_segments_max);
  wire->set_value_bytes_max(limits.value_bytes_max);
  wire->set_delta_ops_max(limits.delta_ops_max);
  wire->set_delta_bytes_max(limits.delta_bytes_max);
  wire->set_session_bytes_max(limits.session_bytes_max);
  wire->set_frame_bytes_max(limits.frame_bytes_max);
  wire->set_in_flight_deltas_max(limits.in_flight_deltas_max);
  wire->set_path_definitions_max(limits.path_definitions_max);
}

Limits DecodeLimits(const v1::Limits& wire) {
  Limits limits;
  limits.id_bytes_max = wire.id_bytes_max();
  limits.path_bytes_max = wire.path_bytes_max();
  limits.path_segments_max = wire.path_segments_max();
  limits.value_bytes_max = wire.value_bytes_max();
  limits.delta_ops_max = wire.delta_ops_max();
  limits.delta_bytes_max = wire.delta_bytes_max();
  limits.session_bytes_max = wire.session_bytes_max();
  limits.frame_bytes_max = wire.frame_bytes_max();
  limits.in_flight_deltas_max = wire.in_flight_deltas_max();
  limits.path_definitions_max = wire.path_definitions_max();
  return limits;
}

}  // namespace sessionhub
