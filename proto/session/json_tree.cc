#include "proto/session/json_tree.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "proto/session/json_number.h"

namespace sessionhub {
namespace {

// The parser refuses numbers that are infinite in its own floating type, before it hands on their
// text. A long double takes it to 1e4932.
using Json =
    nlohmann::basic_json<std::map, std::vector, std::string, bool, int64_t, uint64_t, long double>;

std::string TextOf(const JsonMember& member) {
  std::string text;
  AppendJsonString(member.key, &text);
  return text;
}

// Builds the tree while the parser reads. A call that returns false ends the parse; `status` then
// says why.
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit TreeBuilder(JsonNode* root) : root_(root) {}

  const absl::Status& status() const { return status_; }

  bool null() override { return Add(Value::Null()); }
  bool boolean(bool value) override { return Add(value); }
  // Negative integers, and -0, which is the only one to arrive here as a zero.
  bool number_integer(int64_t value) override {
    return Add(value == 0 ? Value::Json("-0") : Value(value));
  }
  bool number_unsigned(uint64_t value) override {
    return Add(ValueOfJsonNumber(std::to_string(value)));
  }
  bool number_float(long double, const std::string& token) override {
    // The parser writes the decimal point as the process's locale does.
    std::string number = token;
    const size_t point = number.find_first_not_of("0123456789+-eE");
    if (point != std::string::npos) number[point] = '.';
    return Add(ValueOfJsonNumber(std::move(number)));
  }
  bool string(std::string& value) override { return Add(Value(std::move(value))); }
  bool binary(binary_t&) override { return false; }  // not in texts

  bool start_object(size_t) override { return Open(JsonNode::Kind::kObject); }
  bool key(std::string& key) override {
    open_.back()->members.push_back({std::move(key), {}});
    return true;
  }
  bool end_object() override {
    std::vector<JsonMember>& members = open_.back()->members;
    open_.pop_back();
    std::sort(members.begin(), members.end(),
              [](const JsonMember& a, const JsonMember& b) { return a.key < b.key; });
    const auto twice =
        std::adjacent_find(members.begin(), members.end(),
                           [](const JsonMember& a, const JsonMember& b) { return a.key == b.key; });
    return twice == members.end() ||
           Fail("an object of the JSON text has the key " + TextOf(*twice) + " twice: keep one");
  }
  bool start_array(size_t) override { return Open(JsonNode::Kind::kArray); }
  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    const std::string place = " at byte " + std::to_string(position);
    // Not what was read there: it may be a secret of the session.
    return Fail(error.id == kNumberOverflow
                    ? "the JSON text has a number out of range" + place + ": send it as a string"
                    : "the JSON text is not valid" + place);
  }

 private:
  bool Fail(const std::string& why) {
    status_ = absl::InvalidArgumentError(why);
    return false;
  }

  // Where the next node belongs. Only the innermost open container grows, so pointers to the outer
  // ones stay good.
  JsonNode* Place() {
    if (open_.empty()) return root_;
    JsonNode* parent = open_.back();
    if (parent->kind == JsonNode::Kind::kArray) return &parent->elements.emplace_back();
    return &parent->members.back().node;
  }

  bool Add(Value value) {
    Place()->leaf = std::move(value);
    return true;
  }

  bool Open(JsonNode::Kind kind) {
    if (open_.size() == kJsonDepthMax) {
      return Fail("the JSON text nests deeper than " + std::to_string(kJsonDepthMax) +
                  " levels: flatten it, or keep it as a string");
    }
    JsonNode* node = Place();
    node->kind = kind;
    open_.push_back(node);
    return true;
  }

  JsonNode* const root_;
  std::vector<JsonNode*> open_;
  absl::Status status_;
};

void AppendLeaf(const Value& value, std::string* text) {
  switch (value.type()) {
    case Value::Type::kNull:
      text->append("null");
      break;
    case Value::Type::kBool:
      text->append(*value.AsBool() ? "true" : "false");
      break;
    case Value::Type::kInt:
      text->append(std::to_string(*value.AsInt()));
      break;
    case Value::Type::kDouble:
      AppendJsonDouble(*value.AsDouble(), text);
      break;
    case Value::Type::kString:
      AppendJsonString(*value.AsString(), text);
      break;
    case Value::Type::kJson:
      text->append(*value.AsJson());
      break;
    case Value::Type::kBytes:
      break;  // no JSON text has bytes
  }
}

}  // namespace

absl::StatusOr<JsonNode> ParseJson(std::string_view text) {
  JsonNode root;
  TreeBuilder builder(&root);
  const bool whole = Json::sax_parse(text.begin(), text.end(), &builder);
  if (!builder.status().ok()) return builder.status();
  if (!whole) return absl::InvalidArgumentError("the JSON text is not valid");
  return root;
}

void AppendJson(const JsonNode& node, std::string* text) {
  const char* separator = "";
  switch (node.kind) {
    case JsonNode::Kind::kLeaf:
      AppendLeaf(node.leaf, text);
      break;
    case JsonNode::Kind::kArray:
      text->push_back('[');
      for (const JsonNode& element : node.elements) {
        text->append(std::exchange(separator, ","));
        AppendJson(element, text);
      }
      text->push_back(']');
      break;
    case JsonNode::Kind::kObject:
      text->push_back('{');
      for (const JsonMember& member : node.members) {
        text->append(std::exchange(separator, ","));
        AppendJsonString(member.key, text);
        text->push_back(':');
        AppendJson(member.node, text);
      }
      text->push_back('}');
      break;
  }
}

void AppendJsonString(const std::string& content, std::string* text) {
  // Replaces what is not UTF-8 rather than throw; callers give UTF-8.
  text->append(
      nlohmann::json(content).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void AppendJsonDouble(double number, std::string* text) {
  std::array<char, 32> digits{};
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const std::string_view shortest(digits.data(), static_cast<size_t>(end - digits.data()));
  text->append(shortest);
  if (shortest.find_first_of(".e") == std::string_view::npos) text->append(".0");
}

}  // namespace sessionhub
