// The contract of Store, which MemoryStore and RocksStore both keep: what is not of one session.
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/hub/store/store_contract.h"

namespace sessionhub::hub {
namespace {

TEST_P(StoreContractTest, HubTimeNeverGoesBack) {
  for (const uint64_t time : {100, 300, 200}) {
    TurnRecord record;
    record.hub_time = time;
    Apply(record);
  }
  EXPECT_EQ(*store().LastHubTime(), 300u);
  Reopen();
  EXPECT_EQ(*store().LastHubTime(), 300u);
}

TEST_P(StoreContractTest, ServedTimeAndLastSeenNeverGoBack) {
  const Incarnation node{7};
  EXPECT_EQ(*store().LastServedTime(), 0u);
  EXPECT_EQ(*store().FindLastSeen(node), 0u);
  for (const uint64_t time : {100, 300, 200}) {
    TurnRecord record;
    record.served_time = time;
    record.last_seen.push_back({node, time + 1});
    Apply(record);
  }
  Reopen();
  EXPECT_EQ(*store().LastServedTime(), 300u);
  EXPECT_EQ(*store().FindLastSeen(node), 301u);
  TurnRecord gone;
  gone.last_seen.push_back({node, std::nullopt});
  Apply(gone);
  EXPECT_EQ(*store().FindLastSeen(node), 0u);
}

TEST_P(StoreContractTest, CountsOfSessionsAreListedBySlotAndApp) {
  TurnRecord record;
  record.served_time = 5;  // a neighbour key
  for (const AppSlot& key : {AppSlot{255, 1}, AppSlot{0, 300}, AppSlot{0, 2}, kAllCounted}) {
    record.app_sessions.push_back({key, key.app + 1});
  }
  Apply(record);
  Reopen();
  const auto counts = store().ListAppSessions();
  ASSERT_OK(counts);
  EXPECT_EQ(*counts, (std::vector<AppSlotCount>{
                         {kAllCounted, 1}, {{0, 2}, 3}, {{0, 300}, 301}, {{255, 1}, 2}}));
}

TEST_P(StoreContractTest, IncarnationsAreListedByWhenTheyWereSeenInPages) {
  TurnRecord record;
  record.served_time = 5;  // a neighbour key
  for (const uint8_t byte : {0x00, 0x07, 0xff}) {
    record.last_seen.push_back({Incarnation{byte}, uint64_t{10} + byte});
    record.incarnations.push_back({Incarnation{byte}, stored::Incarnation()});
  }
  Apply(record);
  const auto first = store().ListLastSeen(std::nullopt, 2);
  ASSERT_OK(first);
  ASSERT_EQ(first->size(), 2u);
  EXPECT_EQ((*first)[0].incarnation, Incarnation{0x00});
  EXPECT_EQ((*first)[1].last_seen, 17u);
  const auto rest = store().ListLastSeen((*first)[1].incarnation, 2);
  ASSERT_OK(rest);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0].incarnation, Incarnation{0xff});

  ReadSet reads;
  reads.incarnations = {Incarnation{0x07}, Incarnation{0x08}};
  const Loaded loaded = Load(reads);
  EXPECT_TRUE(loaded.incarnations.at(Incarnation{0x07}).has_value());
  EXPECT_FALSE(loaded.incarnations.at(Incarnation{0x08}).has_value());
}

TEST_P(StoreContractTest, AppNumbersAreNeverForgotten) {
  for (const auto& [name, number] : {std::pair{"shop", 2u}, {"blog", 300u}, {"mail", 7u}}) {
    TurnRecord record;
    stored::App app;
    app.set_number(number);
    record.apps.push_back({name, app});
    Apply(record);
  }
  EXPECT_EQ(*store().LastAppNumber(), 300u);
  TurnRecord erase;
  erase.apps.push_back({"blog", std::nullopt});
  Apply(erase);
  EXPECT_EQ(*store().FindApp("blog"), std::nullopt);
  EXPECT_EQ(*store().LastAppNumber(), 300u);
  EXPECT_EQ((*store().FindApp("mail"))->number(), 7u);
}

INSTANTIATE_TEST_SUITE_P(Hub, StoreContractTest, EachKind(), NameOfKind);

}  // namespace
}  // namespace sessionhub::hub
