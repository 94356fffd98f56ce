// Mesh codec: how the broadcast that the hub is compared with encodes a change. Three ways, from
// what most session replication does to the best a broadcast can do. bench/README.md describes the
// bytes.
//
// Pure; std only.
#ifndef BENCH_DEMO_MESH_CODEC_H_
#define BENCH_DEMO_MESH_CODEC_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sessionhub::bench {

enum class Broadcast {
  kSession,    // the whole session
  kAttribute,  // each attribute that holds a changed field, whole; an attribute is a first path
               // segment
  kField,      // the changed fields alone
};

std::optional<Broadcast> ParseBroadcast(std::string_view text);  // "session", "attribute", "field"
const char* BroadcastName(Broadcast broadcast);

using MeshFields = std::map<std::string, std::string>;  // path to value, as text

// Appends the message that tells of `changed`, paths of fields that `fields` holds after the
// change.
void AppendMessage(Broadcast broadcast, const std::string& session, const MeshFields& fields,
                   const std::vector<std::string>& changed, std::string* bytes);

struct MeshMessage {
  std::string session;
  std::vector<std::pair<std::string, std::string>> entries;  // name and value
};

// Messages are at most this long.
inline constexpr size_t kMeshMessageBytesMax = 16u << 20;

enum class Parsed { kMessage, kNeedsMore, kDamaged };

// Takes one message off the front of `bytes`.
Parsed TakeMessage(std::string_view* bytes, MeshMessage* message);

// Makes the copy what the sender's was. False if the message is damaged.
bool ApplyMessage(Broadcast broadcast, const MeshMessage& message, MeshFields* fields);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_MESH_CODEC_H_
