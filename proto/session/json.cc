#include "proto/session/json.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "proto/session/json_tree.h"
#include "proto/session/status_macros.h"

namespace sessionhub {
namespace {

using Kind = Operation::Kind;

std::string TextOf(const JsonNode& node) {
  std::string text;
  AppendJson(node, &text);
  return text;
}

bool Flattens(const JsonNode& node) {
  return node.kind == JsonNode::Kind::kObject && !node.members.empty() &&
         std::none_of(node.members.begin(), node.members.end(), [](const JsonMember& member) {
           return member.key.find('\0') != std::string::npos;
         });
}

// Recursion is bounded by kJsonDepthMax.
void Flatten(const Path& path, JsonNode node, FieldMap* fields) {
  if (node.kind == JsonNode::Kind::kLeaf) {
    fields->emplace(path, std::move(node.leaf));
    return;
  }
  if (!Flattens(node)) {
    fields->emplace(path, Value::Json(TextOf(node)));
    return;
  }
  for (JsonMember& member : node.members) {
    Flatten(Path::FromEncoded(path.encoded() + member.key + '\0'), std::move(member.node), fields);
  }
}

absl::Status NotJson(const Path& path, const std::string& why) {
  return absl::FailedPreconditionError(path.ToText() + " is " + why +
                                       ", which no JSON document can hold");
}

absl::StatusOr<JsonNode> NodeOf(const Path& path, const Value& value) {
  if (const std::string* json = value.AsJson()) {
    absl::StatusOr<JsonNode> node = ParseJson(*json);
    if (!node.ok()) return NotJson(path, "a JSON value that is not one JSON text");
    return node;
  }
  if (value.AsBytes()) return NotJson(path, "of type bytes");
  const std::string* text = value.AsString();
  if (text && !IsUtf8(*text)) return NotJson(path, "a string that is not UTF-8");
  if (const auto number = value.AsDouble(); number && !std::isfinite(*number)) {
    return NotJson(path, "a double that is not finite");
  }
  return JsonNode{JsonNode::Kind::kLeaf, value, {}, {}};
}

// Writes fields as a document while it walks them, which are in path order, once.
class DocumentWriter {
 public:
  explicit DocumentWriter(const FieldMap& fields) : fields_(fields), at_(fields.end()) {}

  absl::StatusOr<std::string> Write(const Path& root) {
    at_ = fields_.lower_bound(root);
    if (!HasField(root)) {
      return absl::NotFoundError("there is no field at or below " + root.ToText());
    }
    RETURN_IF_ERROR(WriteNode(root, 0));
    return std::move(text_);
  }

 private:
  bool HasField(const Path& path) const { return at_ != fields_.end() && path.Covers(at_->first); }

  absl::Status WriteNode(const Path& path, size_t depth) {
    const auto own = at_;
    if (own->first == path) ++at_;
    if (HasField(path)) return WriteObject(path, depth);
    ASSIGN_OR_RETURN(const JsonNode node, NodeOf(own->first, own->second));
    AppendJson(node, &text_);
    return absl::OkStatus();
  }

  absl::Status WriteObject(const Path& path, size_t depth) {
    if (depth == kJsonDepthMax) {
      return NotJson(path, "deeper than " + std::to_string(kJsonDepthMax) + " levels");
    }
    const char* separator = "";
    text_.push_back('{');
    while (HasField(path)) {
      const std::string& encoded = at_->first.encoded();
      const size_t begin = path.encoded().size();
      const size_t end = encoded.find('\0', begin);
      text_.append(std::exchange(separator, ","));
      AppendJsonString(encoded.substr(begin, end - begin), &text_);
      text_.push_back(':');
      RETURN_IF_ERROR(WriteNode(Path::FromEncoded(encoded.substr(0, end + 1)), depth + 1));
    }
    text_.push_back('}');
    return absl::OkStatus();
  }

  const FieldMap& fields_;
  FieldMap::const_iterator at_;
  std::string text_;
};

// Stored JSON values may be written in any way; what FieldsOfJson makes has one form.
bool SameDocument(const Value& a, const Value& b) {
  if (a == b) return true;
  if (!a.AsJson() || !b.AsJson()) return false;
  const absl::StatusOr<JsonNode> x = ParseJson(*a.AsJson());
  const absl::StatusOr<JsonNode> y = ParseJson(*b.AsJson());
  return x.ok() && y.ok() && TextOf(*x) == TextOf(*y);
}

bool HasFieldBelow(const Path& path, const FieldMap& fields) {
  const auto next = fields.upper_bound(path);
  return next != fields.end() && path.Covers(next->first);
}

// The highest path at or below `root`, and above `path`, below which `to` has nothing; `path`
// itself if there is none.
Path BranchGone(const Path& root, const Path& path, const FieldMap& to) {
  const std::string& encoded = path.encoded();
  for (size_t size = root.encoded().size(); size < encoded.size();
       size = encoded.find('\0', size) + 1) {
    Path branch = Path::FromEncoded(encoded.substr(0, size));
    if (!HasFieldBelow(branch, to)) return branch;
  }
  return path;
}

}  // namespace

absl::StatusOr<FieldMap> FieldsOfJson(const Path& root, std::string_view document) {
  ASSIGN_OR_RETURN(JsonNode node, ParseJson(document));
  FieldMap fields;
  Flatten(root, std::move(node), &fields);
  return fields;
}

absl::StatusOr<std::string> JsonOfFields(const Path& root, const FieldMap& fields) {
  return DocumentWriter(fields).Write(root);
}

Delta DiffJson(const Path& root, const FieldMap& from, const FieldMap& to) {
  Delta delta;
  std::set<Path> gone;
  for (auto field = from.begin(); field != from.end();) {
    if (to.contains(field->first)) {
      ++field;
      continue;
    }
    const Path branch = BranchGone(root, field->first, to);
    if (branch == field->first) {
      delta.operations.push_back({Kind::kErase, branch, Value()});
      ++field;
      continue;
    }
    delta.operations.push_back({Kind::kEraseSubtree, branch, Value()});
    while (field != from.end() && branch.Covers(field->first)) ++field;
    gone.insert(branch);
  }
  for (const auto& [path, value] : to) {
    const auto old = from.find(path);
    if (old != from.end() && !gone.contains(path) && SameDocument(old->second, value)) continue;
    delta.operations.push_back({Kind::kPut, path, value});
  }
  return delta;
}

}  // namespace sessionhub
