// Lean codec: how a broadcast tells of changed fields with our own encoding: as in a hub's
// forwards, names are told once and go as small numbers afterwards. There are no versions, nothing
// is acknowledged, and no message has a head.
//
//   message  = length of what follows | session | entry …
//   entry    = field | length, value
//   session, field = number                       told before
//                  | 0 | number | length, text    told here; with a number of 0, it has none
//
// Numbers and lengths are varints as in Protocol Buffers, of at most 32 bits. One field of 16 bytes
// takes 20 bytes, or 21 if more than 127 sessions have been told of; a hub's forward takes 30.
//
// Numbers are the sender's own and the same on all of its links. Sessions and fields have separate
// ones, from 1 on, in the order in which they are first changed.
//
// Pure; a codec belongs to one thread at a time.
#ifndef BENCH_COMPARE_LEAN_CODEC_H_
#define BENCH_COMPARE_LEAN_CODEC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "bench/compare/node_sessions.h"
#include "bench/demo/mesh_codec.h"

namespace sessionhub::bench {

// Of one sender, for all of its links.
class LeanEncoder {
 public:
  using Sessions = std::unordered_map<std::string, SessionFields>;

  // Appends the message that tells of a change, for all links alike.
  void AppendChange(const std::string& session, const SessionFields& changes, std::string* bytes);

  // Appends a message for each session, for a link that begins. `sessions` is all that the sender
  // has: at least each session and field that it has told of. Gives no numbers, which other links
  // would not hear of: what only others have told of goes by its name.
  void AppendAll(const Sessions& sessions, std::string* bytes) const;

 private:
  using Numbers = std::unordered_map<std::string, uint32_t>;

  static void AppendName(const std::string& name, Numbers* numbers, std::string* bytes);

  Numbers sessions_;
  Numbers fields_;
};

// Of one link, from its beginning.
class LeanDecoder {
 public:
  // Takes one message off the front of `bytes`; nothing if it has not all arrived. InvalidArgument
  // for what no LeanEncoder has made, or is longer than kMeshMessageBytesMax: nothing that follows
  // on this link can be understood, and the sender has to begin another one.
  absl::StatusOr<std::optional<MeshMessage>> Take(std::string_view* bytes);

 private:
  using Names = std::unordered_map<uint32_t, std::string>;

  static absl::StatusOr<std::string> TakeName(const char* kind, Names* names,
                                              std::string_view* body);

  Names sessions_;
  Names fields_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_LEAN_CODEC_H_
