// JsonNode: one JSON document in memory, its numbers as exact as they were written. Pure.
//
// What a parser of a library gives is not enough here: a session must give back 1e400 and
// 0.10000000000000000000001 as they came, so a number that neither an int64 nor a double holds is
// kept as its text.
#ifndef PROTO_SESSION_JSON_TREE_H_
#define PROTO_SESSION_JSON_TREE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sessionhub/value.h"

namespace sessionhub {

// How deep arrays and objects may nest in one document.
inline constexpr size_t kJsonDepthMax = 128;

struct JsonMember;

struct JsonNode {
  enum class Kind { kLeaf, kArray, kObject };

  Kind kind = Kind::kLeaf;
  // Null, bool, string, int64 or double; a number that is neither of the two is a kJson of its
  // text.
  Value leaf;
  std::vector<JsonNode> elements;   // kArray
  std::vector<JsonMember> members;  // kObject; sorted by key, each key once
};

struct JsonMember {
  std::string key;  // UTF-8
  JsonNode node;
};

// InvalidArgument, with the place, for what is not one JSON text in UTF-8 (RFC 8259); for an object
// that has a key twice; for a surrogate without its other half, which no UTF-8 has; for more than
// kJsonDepthMax levels; and for a number above 1e4932, which is past what is worth keeping.
absl::StatusOr<JsonNode> ParseJson(std::string_view text);

// Appends the one text that equal documents have: without blanks, objects in the order of their
// keys, only what must be escaped is.
void AppendJson(const JsonNode& node, std::string* text);

// As AppendJson, for a string that is UTF-8, and for a finite double: the shortest text that gives
// the same double, always with a point or an exponent, so that it stays a double.
void AppendJsonString(const std::string& content, std::string* text);
void AppendJsonDouble(double number, std::string* text);

}  // namespace sessionhub

#endif  // PROTO_SESSION_JSON_TREE_H_
