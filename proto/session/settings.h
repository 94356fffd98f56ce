// Settings: what a session is besides its fields, as an Edit or the creation of a session sets it.
#ifndef PROTO_SESSION_SETTINGS_H_
#define PROTO_SESSION_SETTINGS_H_

#include <cstdint>
#include <optional>
#include <string>

namespace sessionhub {

// What is not set stays as it is; a new session has none of it.
struct Settings {
  std::optional<uint64_t> idle_timeout_ms;      // 0: none
  std::optional<uint64_t> absolute_timeout_ms;  // from when the hub applies it on; 0: none
  std::optional<std::string> owner;             // empty: none

  bool empty() const { return !idle_timeout_ms && !absolute_timeout_ms && !owner; }

  friend bool operator==(const Settings&, const Settings&) = default;
};

// A shorter idle timeout would make its touches a load; a longer one is a mistake in a unit.
inline constexpr uint64_t kIdleTimeoutMsMin = 1'000;
inline constexpr uint64_t kTimeoutMsMax = 100ull * 366 * 24 * 3600 * 1000;
// The longest time in which an old id still leads to its session.
inline constexpr uint64_t kAliasMsMax = 60'000;

}  // namespace sessionhub

#endif  // PROTO_SESSION_SETTINGS_H_
