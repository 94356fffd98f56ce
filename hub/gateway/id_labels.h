// IdLabels: what stands for a session id where the id itself must not, and page tokens that hide
// the id that they hold.
//
// A session id is a credential: whoever has it has the session. Its label is its first 6 bytes and
// a keyed hash, by which people find the same session in listings, logs and the audit, and from
// which nobody without the key can tell whether a guess was right.
#ifndef HUB_GATEWAY_ID_LABELS_H_
#define HUB_GATEWAY_ID_LABELS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace sessionhub::hub {

inline constexpr size_t kShownIdBytes = 6;
inline constexpr size_t kIdHashDigits = 16;

// Safe from any thread; nothing changes after the construction.
class IdLabels {
 public:
  // With a key of 32 random bytes that is kept in `folder`, in the file id-hash-key with mode 0600,
  // and made if it is missing, so that hashes stay the same from start to start. An empty folder:
  // with a key of this process. FailedPrecondition if others may read the file or it is damaged,
  // else what the system says.
  static absl::StatusOr<IdLabels> Open(const std::string& folder);

  explicit IdLabels(std::string key) : key_(std::move(key)) {}

  static std::string Shown(std::string_view id) { return std::string(id.substr(0, kShownIdBytes)); }
  // The first 64 bits of HMAC-SHA-256 over the app and the id, in hexadecimal.
  std::string Hash(std::string_view app, std::string_view id) const;

  // Hides `text` from who is given the result, and binds it to `context`; empty stays empty.
  absl::StatusOr<std::string> Seal(std::string_view text, std::string_view context) const;
  // The inverse. InvalidArgument for what this hub has not sealed for the same context.
  absl::StatusOr<std::string> Unseal(std::string_view sealed, std::string_view context) const;

 private:
  std::string key_;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_ID_LABELS_H_
