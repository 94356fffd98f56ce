#include "proto/session/wire.h"

#include <string>
#include <utility>

namespace sessionhub {
namespace {

using Kind = Operation::Kind;

absl::StatusOr<Path> DecodePath(const v1::Op& op, const FindPath& find_path) {
  if (op.path_number() == 0) return Path::FromText(op.path());
  if (!op.path().empty()) {
    return absl::InvalidArgumentError("operation has a path and a path number: give one of them");
  }
  const Path* path = find_path(op.path_number());
  if (!path) {
    return absl::InvalidArgumentError("path number " + std::to_string(op.path_number()) +
                                      " was not defined on this stream");
  }
  return *path;
}

Operation Put(Value value) {
  return {Kind::kPut, Path(), std::move(value)};
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
    case v1::Op::kAppend:
    case v1::Op::kSplice:
      return absl::UnimplementedError(
          "append and splice are not agreed on this stream: put the value");
    case v1::Op::OPERATION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("operation is not set or not known to this hub");
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

void EncodeOp(const Operation& operation, const NumberPath& number_path, v1::Op* op) {
  if (const uint32_t number = number_path(operation.path); number != 0) {
    op->set_path_number(number);
  } else {
    op->set_path(operation.path.ToText());
  }
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
  }
}

absl::StatusOr<Operation> DecodeOp(const v1::Op& op, const FindPath& find_path) {
  absl::StatusOr<Path> path = DecodePath(op, find_path);
  if (!path.ok()) return path.status();
  absl::StatusOr<Operation> operation = DecodeOperation(op);
  if (operation.ok()) operation->path = *std::move(path);
  return operation;
}

absl::StatusOr<Delta> DecodeDelta(const v1::Delta& wire, const FindPath& find_path) {
  if (wire.if_version() != 0 || wire.conditions_size() != 0 || wire.after_previous() ||
      wire.delivered()) {
    return absl::UnimplementedError(
        "preconditions, after_previous and delivered are not agreed on this stream: leave them "
        "out");
  }
  Delta delta;
  delta.deletes_session = wire.delete_session();
  delta.operations.reserve(wire.ops_size());
  for (const v1::Op& op : wire.ops()) {
    absl::StatusOr<Operation> operation = DecodeOp(op, find_path);
    if (!operation.ok()) return operation.status();
    delta.operations.push_back(*std::move(operation));
  }
  return delta;
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
