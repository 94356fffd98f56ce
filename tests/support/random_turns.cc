#include "tests/support/random_turns.h"

#include <optional>
#include <utility>

#include "hub/store/memory_store.h"
#include "proto/session/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/turn_records.h"

namespace sessionhub::testing {
namespace {

constexpr int kSessions = 4;
constexpr Slot kHomeSlots = 3;
constexpr uint64_t kDueMax = 5;
// Large ones fill small memtables, which are then written out while turns go on.
constexpr uint64_t kTextBytesMax = 200;
constexpr uint64_t kLargeTextBytes = 40'000;
const char* const kPaths[] = {"a", "cart/total", "cart/items/1", "cart/items/2", "z"};

SessionNumber SessionAt(int i) {
  return MakeSessionNumber(static_cast<Slot>(i % kHomeSlots), 1 + i);
}
hub::NameKey NameAt(int i) {
  return {static_cast<Slot>(i), 1, "id-" + std::to_string(i)};
}

hub::ReadSet Everything() {
  hub::ReadSet reads;
  for (int i = 0; i < kSessions; ++i) {
    reads.names.push_back(NameAt(i));
    reads.metas.push_back(SessionAt(i));
    reads.identities.push_back(SessionAt(i));
    reads.field_ranges.push_back({SessionAt(i), Path(), 0});
  }
  for (Slot slot = 0; slot < kHomeSlots; ++slot) {
    reads.due_ranges.push_back({slot, kDueMax, 1000});
    reads.session_counts.push_back(slot);
  }
  return reads;
}

// The value, or once in four nothing, which erases what was there.
template <typename Record>
std::optional<Record> UnlessErased(Random& random, Record record) {
  if (OneIn(random, 4)) return std::nullopt;
  return record;
}

std::string RandomContent(Random& random) {
  const uint64_t bytes = OneIn(random, 8) ? kLargeTextBytes : Below(random, kTextBytesMax);
  std::string content;
  // Of every byte, so that damage can look like anything, but quickly made.
  for (uint64_t i = 0; i < bytes; ++i) content.push_back(static_cast<char>('!' + random() % 90));
  return content;
}

void AddRandomSession(Random& random, int i, uint64_t number, hub::TurnRecord* turn) {
  const SessionNumber session = SessionAt(i);
  turn->metas.push_back({session, UnlessErased(random, MetaOf(number))});
  for (const char* path : kPaths) {
    if (!OneIn(random, 3)) continue;
    turn->fields.push_back(
        {{session, PathOf(path)}, UnlessErased(random, FieldOf(number, RandomContent(random)))});
  }
  if (OneIn(random, 2)) {
    turn->names.push_back({NameAt(i), UnlessErased(random, NameOf(session))});
  }
  if (OneIn(random, 3)) {
    turn->identities.push_back({session, UnlessErased(random, IdentityOf("id"))});
  }
  if (OneIn(random, 3)) {
    const hub::DueKey due = {HomeSlot(session), 1 + Below(random, kDueMax), session};
    turn->due.push_back({due, UnlessErased(random, DueOf(hub::stored::Due::EXPIRE))});
  }
  if (i < kHomeSlots && OneIn(random, 2)) {
    turn->session_counts.push_back({static_cast<Slot>(i), number});
  }
}

}  // namespace

hub::TurnRecord RandomTurn(Random& random, uint64_t number) {
  hub::TurnRecord turn;
  turn.hub_time = number;
  for (int i = 0; i < kSessions; ++i) {
    if (OneIn(random, 2)) AddRandomSession(random, i, number, &turn);
  }
  return turn;
}

absl::StatusOr<std::string> DumpOfTurns(const hub::Store& store) {
  hub::Loaded loaded;
  RETURN_IF_ERROR(store.Load(Everything(), &loaded));
  ASSIGN_OR_RETURN(const uint64_t turns, store.LastHubTime());
  return "turns " + std::to_string(turns) + "\n" + Dump(loaded);
}

std::string DumpOfFirst(const std::vector<hub::TurnRecord>& turns, uint64_t count) {
  const auto store = hub::MemoryStore::Create(HistoryId{});
  for (uint64_t i = 0; i < count; ++i) EXPECT_OK(store->Apply(turns[i], false));
  return *DumpOfTurns(*store);
}

}  // namespace sessionhub::testing
