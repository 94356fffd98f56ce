#include "bench/demo/mesh_codec.h"

#include <set>

#include "bench/demo/entries.h"

namespace sessionhub::bench {
namespace {

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
