#include "proto/session/json_number.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "proto/session/json_tree.h"

namespace sessionhub {
namespace {

// (-1)^negative * digits * 10^exponent. One number has one of these: no zero at either end.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;

  friend bool operator==(const Decimal& a, const Decimal& b) {
    return a.negative == b.negative && a.digits == b.digits && a.exponent == b.exponent;
  }
};

template <typename Number>
std::optional<Number> Parse(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// An exponent that int64 does not hold counts as 0: then the number is a zero, or no double.
Decimal DecimalOf(std::string_view token) {
  Decimal decimal;
  const size_t e = token.find_first_of("eE");
  std::string_view exponent = e == std::string_view::npos ? "" : token.substr(e + 1);
  if (!exponent.empty() && exponent[0] == '+') exponent.remove_prefix(1);
  decimal.exponent = Parse<int64_t>(exponent).value_or(0);
  bool in_fraction = false;
  for (char c : token.substr(0, e)) {
    if (c == '-') decimal.negative = true;
    if (c == '.') in_fraction = true;
    if (c < '0' || c > '9') continue;
    if (in_fraction) --decimal.exponent;
    if (c != '0' || !decimal.digits.empty()) decimal.digits.push_back(c);
  }
  while (!decimal.digits.empty() && decimal.digits.back() == '0') {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  if (decimal.digits.empty()) decimal.exponent = 0;
  return decimal;
}

bool KeepsValue(double number, std::string_view token) {
  std::string text;
  AppendJsonDouble(number, &text);
  return DecimalOf(text) == DecimalOf(token);
}

}  // namespace

Value ValueOfJsonNumber(std::string token) {
  if (token.find_first_of(".eE") == std::string::npos) {
    const std::optional<int64_t> integer = token == "-0" ? std::nullopt : Parse<int64_t>(token);
    return integer ? Value(*integer) : Value::Json(std::move(token));
  }
  const std::optional<double> number = Parse<double>(token);
  if (number && KeepsValue(*number, token)) return *number;
  return Value::Json(std::move(token));
}

}  // namespace sessionhub
