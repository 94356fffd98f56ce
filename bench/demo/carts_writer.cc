#include "bench/demo/carts_writer.h"

#include <utility>

namespace sessionhub::bench {
namespace {

// Never throws: what is not UTF-8 is replaced.
std::string Dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

nlohmann::json ToJson(const Value& value) {
  switch (value.type()) {
    case Value::Type::kBool:
      return *value.AsBool();
    case Value::Type::kInt:
      return *value.AsInt();
    case Value::Type::kDouble:
      return *value.AsDouble();
    case Value::Type::kString:
      return *value.AsString();
    case Value::Type::kNull:
      return nullptr;
    case Value::Type::kBytes:
    case Value::Type::kJson:
      break;
  }
  return nlohmann::json{{TypeName(value.type()), value.SizeBytes()}};
}

nlohmann::json ToJson(const v1::Op& put) {
  switch (put.operation_case()) {
    case v1::Op::kPutBool:
      return put.put_bool();
    case v1::Op::kPutInt:
      return put.put_int();
    case v1::Op::kPutDouble:
      return put.put_double();
    case v1::Op::kPutString:
      return put.put_string();
    case v1::Op::kPutBytes:
      return ToJson(Value::Bytes(put.put_bytes()));
    case v1::Op::kPutJson:
      return ToJson(Value::Json(put.put_json()));
    default:
      return nullptr;
  }
}

std::string FormatCart(const std::string& id, uint64_t version, nlohmann::json fields) {
  return Dump({{"id", id}, {"version", version}, {"fields", std::move(fields)}}) + "\n";
}

}  // namespace sessionhub::bench
