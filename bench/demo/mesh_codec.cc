#include "bench/demo/mesh_codec.h"

#include <cstdint>
#include <set>

namespace sessionhub::bench {
namespace {

void AppendNumber(size_t number, size_t width_bytes, std::string* bytes) {
  for (size_t i = width_bytes; i-- > 0;) *bytes += static_cast<char>(number >> (8 * i) & 0xff);
}

void AppendEntry(std::string_view name, std::string_view value, std::string* bytes) {
  AppendNumber(name.size(), 2, bytes);
  *bytes += name;
  AppendNumber(value.size(), 4, bytes);
  *bytes += value;
}

// The number at the front, or nothing if there are too few bytes.
std::optional<size_t> TakeNumber(size_t width_bytes, std::string_view* bytes) {
  if (bytes->size() < width_bytes) return std::nullopt;
  size_t number = 0;
  for (size_t i = 0; i < width_bytes; ++i) number = number << 8 | static_cast<uint8_t>((*bytes)[i]);
  bytes->remove_prefix(width_bytes);
  return number;
}

bool TakeText(size_t width_bytes, std::string_view* bytes, std::string* text) {
  const std::optional<size_t> size = TakeNumber(width_bytes, bytes);
  if (!size || *size > bytes->size()) return false;
  *text = bytes->substr(0, *size);
  bytes->remove_prefix(*size);
  return true;
}

bool TakeEntries(std::string_view bytes,
                 std::vector<std::pair<std::string, std::string>>* entries) {
  while (!bytes.empty()) {
    auto& [name, value] = entries->emplace_back();
    if (!TakeText(2, &bytes, &name) || !TakeText(4, &bytes, &value)) return false;
  }
  return true;
}

std::string AttributeOf(const std::string& path) {
  return path.substr(0, path.find('/'));
}

void AppendAttributes(const MeshFields& fields, const std::vector<std::string>& changed,
                      std::string* body) {
  std::set<std::string> attributes;
  for (const std::string& path : changed) attributes.insert(AttributeOf(path));
  for (const std::string& attribute : attributes) {
    std::string content;
    for (auto it = fields.lower_bound(attribute); it != fields.end(); ++it) {
      if (AttributeOf(it->first) != attribute) continue;
      AppendEntry(it->first, it->second, &content);
    }
    AppendEntry(attribute, content, body);
  }
}

bool ApplyAttribute(const std::string& attribute, std::string_view content, MeshFields* fields) {
  std::vector<std::pair<std::string, std::string>> entries;
  if (!TakeEntries(content, &entries)) return false;
  std::erase_if(*fields, [&](const auto& field) { return AttributeOf(field.first) == attribute; });
  for (auto& [path, value] : entries) (*fields)[path] = std::move(value);
  return true;
}

}  // namespace

std::optional<Broadcast> ParseBroadcast(std::string_view text) {
  for (const Broadcast broadcast :
       {Broadcast::kSession, Broadcast::kAttribute, Broadcast::kField}) {
    if (text == BroadcastName(broadcast)) return broadcast;
  }
  return std::nullopt;
}

const char* BroadcastName(Broadcast broadcast) {
  switch (broadcast) {
    case Broadcast::kSession:
      return "session";
    case Broadcast::kAttribute:
      return "attribute";
    case Broadcast::kField:
      return "field";
  }
  return "";
}

void AppendMessage(Broadcast broadcast, const std::string& session, const MeshFields& fields,
                   const std::vector<std::string>& changed, std::string* bytes) {
  std::string body;
  AppendNumber(session.size(), 2, &body);
  body += session;
  switch (broadcast) {
    case Broadcast::kSession:
      for (const auto& [path, value] : fields) AppendEntry(path, value, &body);
      break;
    case Broadcast::kAttribute:
      AppendAttributes(fields, changed, &body);
      break;
    case Broadcast::kField:
      for (const std::string& path : changed) AppendEntry(path, fields.at(path), &body);
      break;
  }
  AppendNumber(body.size(), 4, bytes);
  *bytes += body;
}

Parsed TakeMessage(std::string_view* bytes, MeshMessage* message) {
  std::string_view rest = *bytes;
  const std::optional<size_t> size = TakeNumber(4, &rest);
  if (size && *size > kMeshMessageBytesMax) return Parsed::kDamaged;
  if (!size || *size > rest.size()) return Parsed::kNeedsMore;
  std::string_view body = rest.substr(0, *size);
  *message = MeshMessage();
  if (!TakeText(2, &body, &message->session) || !TakeEntries(body, &message->entries)) {
    return Parsed::kDamaged;
  }
  *bytes = rest.substr(*size);
  return Parsed::kMessage;
}

bool ApplyMessage(Broadcast broadcast, const MeshMessage& message, MeshFields* fields) {
  if (broadcast == Broadcast::kSession) fields->clear();
  for (const auto& [name, value] : message.entries) {
    if (broadcast == Broadcast::kAttribute) {
      if (!ApplyAttribute(name, value, fields)) return false;
    } else {
      (*fields)[name] = value;
    }
  }
  return true;
}

}  // namespace sessionhub::bench
