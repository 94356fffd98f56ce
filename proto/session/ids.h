// The numbers and names that identify things, and the slot that an id hashes to.
#ifndef PROTO_SESSION_IDS_H_
#define PROTO_SESSION_IDS_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sessionhub {

// The version of one session: 1 when it is created, then one more with each delta. 0 is "none
// held".
using Version = uint64_t;

// Fixed hash bucket of ids. There are 256, for ever: a shard owns some of them.
using Slot = uint8_t;
inline constexpr int kSlots = 256;

// The number of one life of a session, never reused. It is a name, not a capability. Its low byte
// is the home slot, so that a number alone says which shard the session belongs to; the rest counts
// the sessions created in that slot, from 1.
using SessionNumber = uint64_t;

// The number of an app in stored keys, from 1, given when the app is first seen and never reused.
using AppNumber = uint32_t;

// 128 random bits for each client object; deltas are numbered within it.
using Incarnation = std::array<uint8_t, 16>;

// 128 random bits for each history of a data folder.
using HistoryId = std::array<uint8_t, 16>;

inline constexpr Slot HomeSlot(SessionNumber number) {
  return static_cast<Slot>(number & 0xff);
}
inline constexpr uint64_t CountInSlot(SessionNumber number) {
  return number >> 8;
}
inline constexpr SessionNumber MakeSessionNumber(Slot slot, uint64_t count) {
  return (count << 8) | slot;
}

// XXH3-64 over app, a zero byte, id; low byte. Stored data depend on it: golden-tested, never
// changed. Source of the hash: xxHash 0.8 (https://xxhash.com), seed 0.
Slot SlotOf(std::string_view app, std::string_view id);

// 16 bytes from a string; all zero if it has another length.
std::array<uint8_t, 16> BytesToId128(std::string_view bytes);
std::string Id128ToBytes(const std::array<uint8_t, 16>& id);

// Lower-case hexadecimal, for people.
std::string ToHex(std::string_view bytes);

}  // namespace sessionhub

#endif  // PROTO_SESSION_IDS_H_
