#include "client/ctl/session_line.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "client/ctl/printable.h"
#include "proto/session/ids.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

using LineJson = nlohmann::ordered_json;

constexpr char kInfinity[] = "Infinity";
constexpr char kMinusInfinity[] = "-Infinity";
constexpr char kNan[] = "NaN";
// A NaN with other bits than the usual one, for which JSON and Protobuf's mapping have no word.
constexpr char kNanBits[] = "NaN:";
constexpr uint64_t kUsualNan = 0x7ff8'0000'0000'0000;

absl::Status Wrong(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

std::string HexOf(uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((number >> shift) & 0xff));
  }
  return ToHex(bytes);
}

LineJson FormatDouble(double number) {
  if (std::isinf(number)) return number > 0 ? kInfinity : kMinusInfinity;
  if (!std::isnan(number)) return number;
  const auto bits = std::bit_cast<uint64_t>(number);
  return bits == kUsualNan ? std::string(kNan) : kNanBits + HexOf(bits);
}

LineJson FormatValue(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return nullptr;
    case Value::Type::kBool:
      return *value.AsBool();
    case Value::Type::kInt:
      // A text: many readers of JSON keep only 53 bits of a number.
      return std::to_string(*value.AsInt());
    case Value::Type::kDouble:
      return FormatDouble(*value.AsDouble());
    case Value::Type::kString:
      return *value.AsString();
    case Value::Type::kBytes:
      return ToHex(*value.AsBytes());
    case Value::Type::kJson:
      // A text, so that its blanks and its numbers stay as they are.
      return *value.AsJson();
  }
  return nullptr;
}

absl::StatusOr<std::string> BytesFromHex(const std::string& text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
  if (!digits || text.size() % 2 != 0) return Wrong("bytes are not in hexadecimal");
  return absl::HexStringToBytes(text);
}

absl::StatusOr<Value> ParseDouble(const LineJson& value) {
  if (value.is_number()) return Value(value.get<double>());
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (text == kInfinity) return Value(std::numeric_limits<double>::infinity());
  if (text == kMinusInfinity) return Value(-std::numeric_limits<double>::infinity());
  if (text == kNan) return Value(std::bit_cast<double>(kUsualNan));
  uint64_t bits = 0;
  if (text.rfind(kNanBits, 0) == 0 &&
      absl::SimpleHexAtoi(text.substr(sizeof(kNanBits) - 1), &bits) &&
      std::isnan(std::bit_cast<double>(bits))) {
    return Value(std::bit_cast<double>(bits));
  }
  return Wrong("a double is a number, Infinity, -Infinity or NaN");
}

absl::StatusOr<Value> ParseInt(const LineJson& value) {
  int64_t number = 0;
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return Wrong("an int64 is out of its range");
  }
  if (value.is_number_integer()) return Value(value.get<int64_t>());
  if (value.is_string() && absl::SimpleAtoi(value.get<std::string>(), &number)) {
    return Value(number);
  }
  return Wrong("an int64 is a whole number, as text or as number");
}

absl::StatusOr<Value> ParseText(const std::string& type, const LineJson& value) {
  if (!value.is_string()) return Wrong("the value of a " + type + " is a text");
  const std::string& text = value.get_ref<const std::string&>();
  if (type == TypeName(Value::Type::kString)) return Value(text);
  if (type == TypeName(Value::Type::kJson)) return Value::Json(text);
  ASSIGN_OR_RETURN(std::string bytes, BytesFromHex(text));
  return Value::Bytes(std::move(bytes));
}

absl::StatusOr<Value> ParseValue(const std::string& type, const LineJson& value) {
  if (type == TypeName(Value::Type::kNull)) {
    if (value.is_null()) return Value();
    return Wrong("the value of a null is null");
  }
  if (type == TypeName(Value::Type::kBool)) {
    if (value.is_boolean()) return Value(value.get<bool>());
    return Wrong("a bool is true or false");
  }
  if (type == TypeName(Value::Type::kInt)) return ParseInt(value);
  if (type == TypeName(Value::Type::kDouble)) return ParseDouble(value);
  for (const Value::Type texts : {Value::Type::kString, Value::Type::kBytes, Value::Type::kJson}) {
    if (type == TypeName(texts)) return ParseText(type, value);
  }
  return Wrong("there is no type " + type);
}

// The member of `json` if it is there and a text.
const std::string* TextOf(const LineJson& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return nullptr;
  return found->get_ptr<const std::string*>();
}

absl::StatusOr<Operation> ParseField(const LineJson& json) {
  const std::string* path = json.is_object() ? TextOf(json, "path") : nullptr;
  if (path == nullptr) return Wrong("a field has no path");
  const std::string* type = TextOf(json, "type");
  const auto value = json.find("value");
  if (type == nullptr || value == json.end()) return Wrong(*path + " has no type or no value");
  Operation put;
  absl::StatusOr<Path> parsed = Path::FromText(*path);
  if (!parsed.ok()) return Wrong(*path + ": " + std::string(parsed.status().message()));
  put.path = *std::move(parsed);
  absl::StatusOr<Value> read = ParseValue(*type, *value);
  if (!read.ok()) return Wrong(*path + ": " + std::string(read.status().message()));
  put.value = *std::move(read);
  return put;
}

absl::Status ParseFields(const LineJson& json, std::vector<Operation>* fields) {
  const auto found = json.find("fields");
  if (found == json.end()) return absl::OkStatus();
  if (!found->is_array()) return Wrong("fields is no list");
  for (const LineJson& field : *found) {
    ASSIGN_OR_RETURN(Operation put, ParseField(field));
    fields->push_back(std::move(put));
  }
  return absl::OkStatus();
}

absl::Status ParseNumber(const LineJson& json, const char* key, uint64_t* number) {
  const auto found = json.find(key);
  if (found == json.end()) return absl::OkStatus();
  if (!found->is_number_unsigned()) return Wrong(std::string(key) + " is no whole number from 0");
  *number = found->get<uint64_t>();
  return absl::OkStatus();
}

// A text as ids are typed, of which one that is there may not be empty.
absl::Status ParseId(const LineJson& json, const char* key, std::string* bytes) {
  const std::string* text = TextOf(json, key);
  if (text == nullptr) return Wrong(std::string(key) + " is no text");
  absl::StatusOr<std::string> id = UnescapeId(*text);
  if (!id.ok()) return Wrong(std::string(key) + ": " + std::string(id.status().message()));
  *bytes = *std::move(id);
  return absl::OkStatus();
}

}  // namespace

SessionLine LineOf(const v1::SessionSummary& session, std::vector<Operation> fields) {
  SessionLine line;
  line.id = session.id();
  line.owner = session.owner();
  line.version = session.version();
  line.created_ms = session.created_ms();
  line.last_access_ms = session.last_access_ms();
  line.idle_timeout_ms = session.idle_timeout_ms();
  line.absolute_deadline_ms = session.absolute_deadline_ms();
  line.fields = std::move(fields);
  return line;
}

std::string FormatSessionLine(const SessionLine& session) {
  LineJson json = {{"id", EscapeId(session.id)},
                   {"owner", EscapeId(session.owner)},
                   {"version", session.version},
                   {"created_ms", session.created_ms},
                   {"last_access_ms", session.last_access_ms},
                   {"idle_timeout_ms", session.idle_timeout_ms},
                   {"absolute_deadline_ms", session.absolute_deadline_ms}};
  LineJson fields = LineJson::array();
  for (const Operation& field : session.fields) {
    fields.push_back({{"path", field.path.ToText()},
                      {"type", TypeName(field.value.type())},
                      {"value", FormatValue(field.value)}});
  }
  json["fields"] = std::move(fields);
  // The hub refuses texts that are not UTF-8, so that nothing is replaced.
  return json.dump(-1, ' ', false, LineJson::error_handler_t::replace);
}

absl::StatusOr<SessionLine> ParseSessionLine(std::string_view text) {
  const LineJson json = LineJson::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Wrong("it is no JSON object");
  SessionLine line;
  RETURN_IF_ERROR(ParseId(json, "id", &line.id));
  const auto owner = json.find("owner");
  if (owner != json.end() && *owner != "") {
    RETURN_IF_ERROR(ParseId(json, "owner", &line.owner));
  }
  RETURN_IF_ERROR(ParseNumber(json, "version", &line.version));
  RETURN_IF_ERROR(ParseNumber(json, "created_ms", &line.created_ms));
  RETURN_IF_ERROR(ParseNumber(json, "last_access_ms", &line.last_access_ms));
  RETURN_IF_ERROR(ParseNumber(json, "idle_timeout_ms", &line.idle_timeout_ms));
  RETURN_IF_ERROR(ParseNumber(json, "absolute_deadline_ms", &line.absolute_deadline_ms));
  RETURN_IF_ERROR(ParseFields(json, &line.fields));
  return line;
}

}  // namespace sessionhub::ctl
