// Keys: the bytes of every stored key. The only place that knows them; docs/storage.md has the
// table. Pure. Numbers in keys are big-endian, so that the order of bytes is the order of numbers.
//
// Keys of a slot start with the slot's byte, so that the data of a slot are neighbours and can be
// handed over together. Golden tests hold these bytes: they are never changed, only added to with a
// new format.
#ifndef HUB_STORE_KEYS_H_
#define HUB_STORE_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub/record/turn_record.h"
#include "proto/session/ids.h"
#include "proto/session/path.h"

namespace sessionhub::hub::keys {

// slot(1) number(8): what all keys of one session start with.
inline constexpr size_t kSessionPrefixBytes = 9;

// Names: slot(1) app(4) length-1(1) id. The length makes ids of 1 to 256 bytes prefix-free; within
// an app and slot, shorter ids come first.
std::string OfName(const NameKey& name);
// slot(1) app(4): what the names of an app in a slot start with.
std::string NamesOf(Slot slot, AppNumber app);
// Nothing if `key` is not what OfName makes.
std::optional<NameKey> ParseName(std::string_view key);

// Metas and identities: slot(1) number(8). The slot is the session's home slot.
std::string OfSession(SessionNumber session);

// The session whose records a key of metas, identities or fields is of; nothing if it is too short,
// or in another slot than the session's.
std::optional<SessionNumber> ParseSession(std::string_view key);

// Fields: slot(1) number(8) and the encoded path. With the key of a path start the keys of the path
// and of all below it; the empty path gives what all fields of the session start with.
std::string OfField(SessionNumber session, const Path& path);
// Nothing if `key` is too short for OfField with a path of at least one segment.
std::optional<Path> ParseFieldPath(std::string_view key);

// Due entries: slot(1) due(8) number(8).
std::string OfDue(const DueKey& due);
std::optional<DueKey> ParseDue(std::string_view key);

// Owners: slot(1) app(4) length-1(1) owner number(8). The slot is the session's home slot; owners
// have 1 to 256 bytes.
std::string OfOwner(const OwnerKey& key);
// slot(1) app(4) length-1(1) owner: what the keys of an owner's sessions of a slot start with.
std::string OwnedIn(Slot slot, AppNumber app, const std::string& owner);
std::optional<OwnerKey> ParseOwner(std::string_view key);
// The session of a key that starts with `prefix_bytes` of OwnedIn; nothing if it is no such key.
std::optional<SessionNumber> ParseOwned(std::string_view key, size_t prefix_bytes);

// What is not of one session has a kind byte first.
std::string OfFolder();                                     // 1
std::string OfHubTime();                                    // 2
std::string OfSessionCount(Slot slot);                      // 3 slot(1)
std::string OfApp(const std::string& name);                 // 4 name
std::string OfAppNumber(AppNumber number);                  // 5 number(4)
std::string OfIncarnation(const Incarnation& incarnation);  // 6 incarnation(16)
std::string OfLastSeen(const Incarnation& incarnation);     // 8 incarnation(16)
std::string OfServedTime();                                 // 9
std::string OfAppSessions(const AppSlot& key);              // 10 slot(1) app(4)
// What the keys of OfAppSessions start with, and of no other kind.
std::string AllAppSessions();
std::optional<AppSlot> ParseAppSessions(std::string_view key);
std::optional<AppNumber> ParseAppNumber(std::string_view key);
std::optional<Incarnation> ParseLastSeen(std::string_view key);

// The smallest key above all keys that start with `prefix`, which is not all 0xff.
std::string EndOf(std::string prefix);

// Numbers as stored values: 8 bytes.
std::string EncodeNumber(uint64_t number);
std::optional<uint64_t> DecodeNumber(std::string_view bytes);

}  // namespace sessionhub::hub::keys

#endif  // HUB_STORE_KEYS_H_
