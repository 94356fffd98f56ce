#include "hub/store/keys.h"

namespace sessionhub::hub::keys {
namespace {

enum Kind : char {
  kFolder = 1,
  kHubTime = 2,
  kSessionCount = 3,
  kApp = 4,
  kAppNumber = 5,
  kIncarnation = 6,
  kLastSeen = 8,
  kServedTime = 9,
  kAppSessions = 10,
};

template <typename Number>
void Append(Number number, std::string* key) {
  for (int shift = 8 * (sizeof(Number) - 1); shift >= 0; shift -= 8) {
    key->push_back(static_cast<char>((number >> shift) & 0xff));
  }
}

template <typename Number>
Number Read(std::string_view bytes) {
  Number number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number << 8 | static_cast<uint8_t>(bytes[i]));
  }
  return number;
}

constexpr size_t kNameHeadBytes = 6;
constexpr size_t kDueBytes = 17;
constexpr size_t kAppNumberBytes = 5;
constexpr size_t kAppSessionsBytes = 6;

// A key of the default column family: the kind, then what tells its records apart.
std::string OfKind(Kind kind, std::string_view rest = {}) {
  std::string key;
  key.reserve(1 + rest.size());
  key.push_back(kind);
  key.append(rest);
  return key;
}

}  // namespace

std::string NamesOf(Slot slot, AppNumber app) {
  std::string key;
  key.push_back(static_cast<char>(slot));
  Append<uint32_t>(app, &key);
  return key;
}

std::string OfName(const NameKey& name) {
  std::string key = NamesOf(name.slot, name.app);
  key.push_back(static_cast<char>(name.id.size() - 1));
  return key + name.id;
}

std::optional<NameKey> ParseName(std::string_view key) {
  if (key.size() <= kNameHeadBytes) return std::nullopt;
  NameKey name;
  name.slot = static_cast<Slot>(key[0]);
  name.app = Read<uint32_t>(key.substr(1));
  name.id = std::string(key.substr(kNameHeadBytes));
  if (name.id.size() - 1 != static_cast<uint8_t>(key[5])) return std::nullopt;
  return name;
}

std::string OfSession(SessionNumber session) {
  std::string key;
  key.push_back(static_cast<char>(HomeSlot(session)));
  Append<uint64_t>(session, &key);
  return key;
}

std::optional<SessionNumber> ParseSession(std::string_view key) {
  if (key.size() < kSessionPrefixBytes) return std::nullopt;
  const auto session = Read<uint64_t>(key.substr(1, sizeof(SessionNumber)));
  if (static_cast<Slot>(key[0]) != HomeSlot(session)) return std::nullopt;
  return session;
}

std::string OfField(SessionNumber session, const Path& path) {
  return OfSession(session) + path.encoded();
}

std::optional<Path> ParseFieldPath(std::string_view key) {
  if (key.size() <= kSessionPrefixBytes || key.back() != '\0') return std::nullopt;
  return Path::FromEncoded(std::string(key.substr(kSessionPrefixBytes)));
}

std::string OfDue(const DueKey& due) {
  std::string key;
  key.push_back(static_cast<char>(due.slot));
  Append<uint64_t>(due.due, &key);
  Append<uint64_t>(due.session, &key);
  return key;
}

std::optional<DueKey> ParseDue(std::string_view key) {
  if (key.size() != kDueBytes) return std::nullopt;
  DueKey due;
  due.slot = static_cast<Slot>(key[0]);
  due.due = Read<uint64_t>(key.substr(1));
  due.session = Read<uint64_t>(key.substr(9));
  return due;
}

std::string OwnedIn(Slot slot, AppNumber app, const std::string& owner) {
  // As for the ids of names: the length makes owners prefix-free.
  return OfName({slot, app, owner});
}

std::string OfOwner(const OwnerKey& key) {
  std::string bytes = OwnedIn(HomeSlot(key.session), key.app, key.owner);
  Append<uint64_t>(key.session, &bytes);
  return bytes;
}

std::optional<OwnerKey> ParseOwner(std::string_view key) {
  if (key.size() <= kNameHeadBytes + sizeof(SessionNumber)) return std::nullopt;
  const size_t number_at = key.size() - sizeof(SessionNumber);
  const auto owner = ParseName(key.substr(0, number_at));
  if (!owner) return std::nullopt;
  return OwnerKey{owner->app, owner->id, Read<uint64_t>(key.substr(number_at))};
}

std::optional<SessionNumber> ParseOwned(std::string_view key, size_t prefix_bytes) {
  if (key.size() != prefix_bytes + sizeof(SessionNumber)) return std::nullopt;
  return Read<uint64_t>(key.substr(prefix_bytes));
}

std::string OfFolder() {
  return OfKind(kFolder);
}

std::string OfHubTime() {
  return OfKind(kHubTime);
}

std::string OfSessionCount(Slot slot) {
  const char byte = static_cast<char>(slot);
  return OfKind(kSessionCount, {&byte, 1});
}

std::string OfApp(const std::string& name) {
  return OfKind(kApp, name);
}

std::string OfAppNumber(AppNumber number) {
  std::string key(1, kAppNumber);
  Append<uint32_t>(number, &key);
  return key;
}

std::string OfIncarnation(const Incarnation& incarnation) {
  return OfKind(kIncarnation, Id128ToBytes(incarnation));
}

std::string OfLastSeen(const Incarnation& incarnation) {
  return OfKind(kLastSeen, Id128ToBytes(incarnation));
}

std::string OfServedTime() {
  return OfKind(kServedTime);
}

std::string OfAppSessions(const AppSlot& key) {
  std::string bytes = AllAppSessions();
  bytes.push_back(static_cast<char>(key.slot));
  Append<uint32_t>(key.app, &bytes);
  return bytes;
}

std::string AllAppSessions() {
  return OfKind(kAppSessions);
}

std::optional<AppSlot> ParseAppSessions(std::string_view key) {
  if (key.size() != kAppSessionsBytes || key[0] != kAppSessions) return std::nullopt;
  return AppSlot{static_cast<Slot>(key[1]), Read<uint32_t>(key.substr(2))};
}

std::optional<Incarnation> ParseLastSeen(std::string_view key) {
  if (key.size() != 1 + Incarnation().size() || key[0] != kLastSeen) return std::nullopt;
  return BytesToId128(key.substr(1));
}

std::optional<AppNumber> ParseAppNumber(std::string_view key) {
  if (key.size() != kAppNumberBytes || key[0] != kAppNumber) return std::nullopt;
  return Read<uint32_t>(key.substr(1));
}

std::string EndOf(std::string prefix) {
  while (static_cast<uint8_t>(prefix.back()) == 0xff) prefix.pop_back();
  prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

std::string EncodeNumber(uint64_t number) {
  std::string bytes;
  Append<uint64_t>(number, &bytes);
  return bytes;
}

std::optional<uint64_t> DecodeNumber(std::string_view bytes) {
  if (bytes.size() != sizeof(uint64_t)) return std::nullopt;
  return Read<uint64_t>(bytes);
}

}  // namespace sessionhub::hub::keys
