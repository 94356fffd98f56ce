#include "tests/support/generators.h"

#include <array>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

namespace sessionhub::testing {
namespace {

using Kind = Operation::Kind;

// The bounds of each length of UTF-8, without surrogates.
constexpr std::array<std::pair<uint32_t, uint32_t>, 5> kCodePoints = {
    {{0x00, 0x7f}, {0x80, 0x7ff}, {0x800, 0xd7ff}, {0xe000, 0xffff}, {0x10000, 0x10ffff}}};

void AppendUtf8(uint32_t code, std::string* text) {
  if (code < 0x80) {
    text->push_back(static_cast<char>(code));
    return;
  }
  const int following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr uint8_t kLeads[] = {0, 0xc0, 0xe0, 0xf0};
  text->push_back(static_cast<char>(kLeads[following] | (code >> (6 * following))));
  for (int i = following - 1; i >= 0; --i) {
    text->push_back(static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f)));
  }
}

// Half of the numbers are small, so that sums of them stay in range.
int64_t RandomInt(Random& random) {
  static constexpr int64_t kEdges[] = {0, 1, -1, std::numeric_limits<int64_t>::max(),
                                       std::numeric_limits<int64_t>::min()};
  if (OneIn(random, 8)) return kEdges[Below(random, std::size(kEdges))];
  if (OneIn(random, 4)) return static_cast<int64_t>(random());
  return static_cast<int64_t>(Below(random, 200)) - 100;
}

double RandomDouble(Random& random) {
  static constexpr double kEdges[] = {0.0,
                                      -0.0,
                                      0.1,
                                      std::numeric_limits<double>::infinity(),
                                      -std::numeric_limits<double>::infinity(),
                                      std::numeric_limits<double>::quiet_NaN(),
                                      std::numeric_limits<double>::denorm_min(),
                                      std::numeric_limits<double>::max()};
  if (OneIn(random, 4)) return kEdges[Below(random, std::size(kEdges))];
  // Tenths: their sums depend on the order of the additions.
  if (!OneIn(random, 3)) return static_cast<double>(Below(random, 2000)) / 10 - 100;
  const uint64_t bits = random();
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

Value RandomAmount(Random& random) {
  return OneIn(random, 3) ? Value(RandomDouble(random)) : Value(RandomInt(random));
}

Operation RandomIncrement(Random& random, const FieldMap* fields) {
  Operation operation{Kind::kIncrement, RandomPath(random), RandomAmount(random)};
  if (!fields || fields->empty() || OneIn(random, 4)) return operation;
  const auto field =
      std::next(fields->begin(), static_cast<ptrdiff_t>(Below(random, fields->size())));
  operation.path = field->first;
  const bool is_double = field->second.type() == Value::Type::kDouble;
  operation.value = is_double ? Value(RandomDouble(random)) : Value(RandomInt(random));
  return operation;
}

// Fits a string or bytes value of `fields`, if there is one; now and then another base.
Operation RandomSplice(Random& random, const FieldMap* fields) {
  std::string base = RandomBytes(random, 8);
  Path path = RandomPath(random);
  if (fields && !OneIn(random, 8)) {
    for (const auto& [field, value] : *fields) {
      if (!ContentOf(value) || OneIn(random, 3)) continue;
      path = field;
      base = *ContentOf(value);
    }
  }
  const uint64_t offset = Below(random, base.size() + 1);
  const uint64_t removed = Below(random, base.size() - offset + 1);
  std::string insert = OneIn(random, 4) ? RandomBytes(random, 6) : RandomText(random, 6);
  return MakeSplice(std::move(path), base, offset, removed, std::move(insert));
}

}  // namespace

std::string RandomBytes(Random& random, size_t bytes_max) {
  std::string bytes(Below(random, bytes_max + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string RandomText(Random& random, size_t characters_max) {
  std::string text;
  for (uint64_t count = Below(random, characters_max + 1); count > 0; --count) {
    const auto& [first, last] =
        kCodePoints[OneIn(random, 2) ? 0 : Below(random, kCodePoints.size())];
    const uint32_t code = first + static_cast<uint32_t>(Below(random, last - first + 1));
    AppendUtf8(code, &text);
  }
  return text;
}

Value RandomValue(Random& random) {
  switch (Below(random, 10)) {
    case 0:
      return Value::Null();
    case 1:
      return OneIn(random, 2);
    case 2:
      return RandomText(random, 12);
    case 3:
      return Value::Bytes(RandomBytes(random, 24));
    case 4:
      return Value::Json("[" + std::to_string(Below(random, 100)) + "]");
    case 5:
    case 6:
      return RandomDouble(random);
    default:
      return RandomInt(random);
  }
}

Path RandomPath(Random& random) {
  static constexpr const char* kSegments[] = {"a", "b", "ab", "", "~", "/"};
  std::vector<std::string> segments = {OneIn(random, 2) ? "a" : "b"};
  while (segments.size() < 3 && !OneIn(random, 3)) {
    segments.emplace_back(kSegments[Below(random, std::size(kSegments))]);
  }
  return Path::FromSegments(segments).value();
}

Path RandomWildPath(Random& random) {
  std::vector<std::string> segments(1 + Below(random, 5));
  for (std::string& segment : segments) {
    for (char c : RandomText(random, 6)) {
      if (c != '\0') segment.push_back(OneIn(random, 8) && c > 0 ? "~/01"[Below(random, 4)] : c);
    }
  }
  if (segments.size() == 1 && segments[0].empty()) segments[0] = "~";
  return Path::FromSegments(segments).value();
}

FieldMap RandomFields(Random& random, size_t count_max) {
  FieldMap fields;
  for (uint64_t count = Below(random, count_max + 1); count > 0; --count) {
    fields.insert_or_assign(RandomPath(random), RandomValue(random));
  }
  return fields;
}

Operation RandomOperation(Random& random, const FieldMap* fields) {
  switch (Below(random, 10)) {
    case 8:
    case 9:
      return RandomSplice(random, fields);
    case 0:
      return {Kind::kErase, RandomPath(random), Value()};
    case 1:
      return {Kind::kEraseSubtree, RandomPath(random), Value()};
    case 2:
    case 3:
    case 4:
      return RandomIncrement(random, fields);
    default:
      return {Kind::kPut, RandomPath(random), RandomValue(random)};
  }
}

Delta RandomDelta(Random& random, size_t count_max, const FieldMap* fields) {
  Delta delta;
  delta.deletes_session = OneIn(random, 64);
  if (delta.deletes_session) return delta;
  for (uint64_t count = 1 + Below(random, count_max); count > 0; --count) {
    delta.operations.push_back(RandomOperation(random, fields));
  }
  return delta;
}

Delta RandomApplicableDelta(Random& random, size_t count_max, const FieldMap& fields) {
  Delta delta;
  FieldMap after = fields;
  for (uint64_t count = 1 + Below(random, count_max); count > 0; --count) {
    Operation operation = RandomOperation(random, &after);
    if (Apply(Delta{{operation}}, &after).ok()) delta.operations.push_back(std::move(operation));
  }
  if (delta.operations.empty())
    delta.operations.push_back({Kind::kPut, RandomPath(random), Value()});
  return delta;
}

}  // namespace sessionhub::testing
