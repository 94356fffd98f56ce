// Value: what a field of a session holds. Part of the public client API (C++17, std only) and of
// the contract that both sides share.
//
//   sessionhub::Value quantity = 3;                          // int64
//   sessionhub::Value name = "Ada";                          // string
//   sessionhub::Value tags = sessionhub::Value::Json(R"(["a","b"])");
//
// A Value is a plain value type: copyable, movable, no sharing. Const members may be called from
// many threads at once; anything else needs one thread or a lock.
#ifndef SESSIONHUB_VALUE_H_
#define SESSIONHUB_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "sessionhub/export.h"

namespace sessionhub {

// What one field holds: null, a boolean, a number, text, bytes or a JSON text.
class SESSIONHUB_EXPORT Value {
 public:
  // kInt is an int64, kString a text in UTF-8, kJson one JSON text.
  enum class Type { kNull, kBool, kInt, kDouble, kString, kBytes, kJson };

  // Null.
  Value() = default;

  // Numbers and booleans keep their kind: every integer is an int64, every floating type a double.
  // An unsigned integer above the range of int64 does not compile implicitly; convert it yourself.
  template <typename T,
            std::enable_if_t<std::is_arithmetic_v<T> &&
                                 !(std::is_unsigned_v<T> && sizeof(T) >= sizeof(int64_t) &&
                                   !std::is_same_v<T, bool>),
                             int> = 0>
  Value(T number) {  // NOLINT(google-explicit-constructor): Set("qty", 3) is the point
    if constexpr (std::is_same_v<T, bool>) {
      data_ = number;
    } else if constexpr (std::is_integral_v<T>) {
      data_ = static_cast<int64_t>(number);
    } else {
      data_ = static_cast<double>(number);
    }
  }
  // Implicit like the numbers, so that Set("name", "Ada") reads as it should.
  // Text, which must be UTF-8: a hub refuses anything else. Arbitrary bytes are Value::Bytes.
  Value(std::string text) : data_(std::move(text)) {}         // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : data_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* text) : data_(std::string(text)) {}       // NOLINT(google-explicit-constructor)

  // As Value().
  static Value Null() { return Value(); }
  // Any bytes, NUL among them.
  static Value Bytes(std::string bytes) { return Value(Data(BytesBox{std::move(bytes)})); }
  // `text` is one JSON text in UTF-8. The hub stores it as it is.
  static Value Json(std::string text) { return Value(Data(JsonBox{std::move(text)})); }

  // Tells which of the As... gives something; none for kNull.
  Type type() const { return static_cast<Type>(data_.index()); }
  // A null is a value: a field that holds it is there, and is not an erased one.
  bool is_null() const { return type() == Type::kNull; }

  // The value if it has this type, else nothing. Pointers live as long as this Value is not
  // changed.
  std::optional<bool> AsBool() const;
  std::optional<int64_t> AsInt() const;
  std::optional<double> AsDouble() const;
  const std::string* AsString() const;
  const std::string* AsBytes() const;
  const std::string* AsJson() const;

  // What this value counts against the limits on values, deltas and sessions, in bytes: the content
  // of texts and bytes, 8 for numbers, 1 for booleans and null.
  size_t SizeBytes() const;

  // Same type and same content. Doubles are compared bit for bit, so NaN equals itself and -0.0
  // does not equal 0.0: copies at one version are the same byte for byte.
  friend SESSIONHUB_EXPORT bool operator==(const Value& a, const Value& b);
  friend bool operator!=(const Value& a, const Value& b) { return !(a == b); }

  // For people, in messages and logs of tests: `"Ada"`, `3`, `bytes[16]`.
  std::string DebugString() const;

 private:
  struct BytesBox {
    std::string content;
  };
  struct JsonBox {
    std::string content;
  };
  // The order of the alternatives is the order of Type.
  using Data = std::variant<std::monostate, bool, int64_t, double, std::string, BytesBox, JsonBox>;

  explicit Value(Data data) : data_(std::move(data)) {}

  Data data_;
};

// The name of a type as it is shown to people: "int64", "string".
SESSIONHUB_EXPORT const char* TypeName(Value::Type type);

}  // namespace sessionhub

#endif  // SESSIONHUB_VALUE_H_
