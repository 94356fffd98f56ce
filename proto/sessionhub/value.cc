#include "sessionhub/value.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>

namespace sessionhub {
namespace {

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// Different doubles get different texts, NaNs apart.
std::string DoubleText(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.17g", number);
  return text.data();
}

}  // namespace

std::optional<bool> Value::AsBool() const {
  const bool* value = std::get_if<bool>(&data_);
  return value ? std::optional<bool>(*value) : std::nullopt;
}

std::optional<int64_t> Value::AsInt() const {
  const int64_t* value = std::get_if<int64_t>(&data_);
  return value ? std::optional<int64_t>(*value) : std::nullopt;
}

std::optional<double> Value::AsDouble() const {
  const double* value = std::get_if<double>(&data_);
  return value ? std::optional<double>(*value) : std::nullopt;
}

const std::string* Value::AsString() const {
  return std::get_if<std::string>(&data_);
}

const std::string* Value::AsBytes() const {
  const BytesBox* box = std::get_if<BytesBox>(&data_);
  return box ? &box->content : nullptr;
}

const std::string* Value::AsJson() const {
  const JsonBox* box = std::get_if<JsonBox>(&data_);
  return box ? &box->content : nullptr;
}

size_t Value::SizeBytes() const {
  switch (type()) {
    case Type::kNull:
    case Type::kBool:
      return 1;
    case Type::kInt:
    case Type::kDouble:
      return 8;
    case Type::kString:
      return AsString()->size();
    case Type::kBytes:
      return AsBytes()->size();
    case Type::kJson:
      return AsJson()->size();
  }
  return 0;
}

bool operator==(const Value& a, const Value& b) {
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Value::Type::kNull:
      return true;
    case Value::Type::kBool:
      return a.AsBool() == b.AsBool();
    case Value::Type::kInt:
      return a.AsInt() == b.AsInt();
    case Value::Type::kDouble:
      return SameBits(*a.AsDouble(), *b.AsDouble());
    case Value::Type::kString:
      return *a.AsString() == *b.AsString();
    case Value::Type::kBytes:
      return *a.AsBytes() == *b.AsBytes();
    case Value::Type::kJson:
      return *a.AsJson() == *b.AsJson();
  }
  return false;
}

std::string Value::DebugString() const {
  switch (type()) {
    case Type::kNull:
      return "null";
    case Type::kBool:
      return *AsBool() ? "true" : "false";
    case Type::kInt:
      return std::to_string(*AsInt());
    case Type::kDouble:
      return DoubleText(*AsDouble());
    case Type::kString:
      return '"' + *AsString() + '"';
    case Type::kBytes:
      return "bytes[" + std::to_string(AsBytes()->size()) + "]";
    case Type::kJson:
      return *AsJson();
  }
  return "?";
}

const char* TypeName(Value::Type type) {
  switch (type) {
    case Value::Type::kNull:
      return "null";
    case Value::Type::kBool:
      return "bool";
    case Value::Type::kInt:
      return "int64";
    case Value::Type::kDouble:
      return "double";
    case Value::Type::kString:
      return "string";
    case Value::Type::kBytes:
      return "bytes";
    case Value::Type::kJson:
      return "json";
  }
  return "?";
}

}  // namespace sessionhub
