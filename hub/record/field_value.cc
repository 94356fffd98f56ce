#include "hub/record/field_value.h"

namespace sessionhub::hub {

using stored::Field;

Value ValueOf(const Field& field) {
  switch (field.value_case()) {
    case Field::kStringValue:
      return Value(field.string_value());
    case Field::kBytesValue:
      return Value::Bytes(field.bytes_value());
    case Field::kIntValue:
      return Value(int64_t{field.int_value()});
    case Field::kDoubleValue:
      return Value(field.double_value());
    case Field::kBoolValue:
      return Value(field.bool_value());
    case Field::kJsonValue:
      return Value::Json(field.json_value());
    case Field::kNullValue:
    case Field::VALUE_NOT_SET:
      break;
  }
  return Value::Null();
}

Field FieldOf(const Value& value, Version version) {
  Field field;
  field.set_version(version);
  switch (value.type()) {
    case Value::Type::kNull:
      field.set_null_value(true);
      break;
    case Value::Type::kBool:
      field.set_bool_value(*value.AsBool());
      break;
    case Value::Type::kInt:
      field.set_int_value(*value.AsInt());
      break;
    case Value::Type::kDouble:
      field.set_double_value(*value.AsDouble());
      break;
    case Value::Type::kString:
      field.set_string_value(*value.AsString());
      break;
    case Value::Type::kBytes:
      field.set_bytes_value(*value.AsBytes());
      break;
    case Value::Type::kJson:
      field.set_json_value(*value.AsJson());
      break;
  }
  return field;
}

}  // namespace sessionhub::hub
