#include "hub/forward/dispatcher.h"

#include "hub/store/memory_store.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;

constexpr SessionNumber kSession = MakeSessionNumber(3, 1);

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    TurnRecord record;
    stored::Meta meta;
    meta.set_version(9);
    record.metas.push_back({kSession, meta});
    EXPECT_OK(store_->Apply(record, true));
  }
  static NodeRegistryOptions Options() {
    NodeRegistryOptions options;
    options.outbox_bytes_max = 1000;
    return options;
  }
  Attachment Attach(uint8_t node) {
    NodeIdentity identity;
    identity.app_name = "shop";
    identity.name = "web-" + std::to_string(node);
    identity.incarnation[0] = node;
    return *registry_.Attach(
        identity, [](v1::Goodbye::Why, const std::string&) {}, 0);
  }
  static Effect Forward(const std::vector<Origin>& nodes, Version to, size_t bytes) {
    ForwardEffect forward;
    forward.app = 1;
    forward.session = kSession;
    forward.from = to - 1;
    forward.to = to;
    forward.operations = {{Operation::Kind::kPut, P("a"), std::string(bytes, 'x')}};
    for (const Origin& node : nodes) forward.targets.push_back({node, 1});
    return forward;
  }
  std::vector<LapsedPair> Release(std::vector<Effect> effects) {
    auto lapsed = dispatcher_.Release(std::move(effects));
    EXPECT_OK(lapsed);
    return *std::move(lapsed);
  }
  // The versions that the forwards in an outbox lead to.
  static std::vector<Version> Forwarded(Outbox* outbox) {
    std::vector<Version> versions;
    for (const OutboxItem& item : outbox->Take(1 << 20)) {
      if (const auto* forward = std::get_if<ForwardItem>(&item)) versions.push_back(forward->to);
    }
    return versions;
  }

  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  NodeRegistry registry_{Options(), [](const Input&) {}};
  std::vector<uint64_t> deleted_;
  Dispatcher dispatcher_{{}, &registry_, store_.get(), [this](const DeletedEffect& effect) {
                           deleted_.push_back(effect.call);
                         }};
};

TEST_F(DispatcherTest, EffectsKeepTheirOrderInOneLane) {
  const Attachment node = Attach(1);
  const CatchUpEffect catch_up{{node.origin, 1}, 1, kSession, 0, {}};
  EXPECT_TRUE(
      Release({AppliedEffect{node.origin, 1, 1, 2}, Forward({node.origin}, 3, 1),
               RefusedEffect{node.origin, 2, {v1::GONE, ""}}, AlreadyEffect{node.origin, 3, 7},
               OpenedEffect{node.origin, 1, 2, 5, true, {}}, catch_up,
               EndedEffect{{{node.origin, 2}}, v1::Ended::DELETED}})
          .empty());
  const std::vector<OutboxItem> items = node.outbox->Take(1 << 20);
  ASSERT_EQ(items.size(), 7u);
  EXPECT_EQ(std::get<AnswerItem>(items[0]).kind, AnswerItem::Kind::kApplied);
  EXPECT_EQ(std::get<ForwardItem>(items[1]).to, 3u);
  EXPECT_EQ(std::get<AnswerItem>(items[2]).kind, AnswerItem::Kind::kRefused);
  EXPECT_EQ(std::get<AnswerItem>(items[3]).from, 7u);
  EXPECT_EQ(std::get<OpenedItem>(items[4]).handle, 2u);
  EXPECT_EQ(std::get<CatchUpItem>(items[5]).to, 9u);
  EXPECT_EQ(std::get<EndedItem>(items[6]).handle, 2u);
}

TEST_F(DispatcherTest, AForwardIsEncodedOnceForAll) {
  const Attachment one = Attach(1);
  const Attachment two = Attach(2);
  Release({Forward({one.origin, two.origin}, 2, 10)});
  EXPECT_EQ(std::get<ForwardItem>(one.outbox->Take(1)[0]).changes,
            std::get<ForwardItem>(two.outbox->Take(1)[0]).changes);
  EXPECT_EQ(registry_.List()[0].forwards, 1u);
}

TEST_F(DispatcherTest, APairThatLapsedGetsNothingMoreInItsRound) {
  const Attachment slow = Attach(1);
  const Attachment quick = Attach(2);
  Release({Forward({slow.origin}, 2, 700)});
  const auto lapsed = Release(
      {Forward({slow.origin, quick.origin}, 3, 700), Forward({slow.origin, quick.origin}, 4, 1)});
  ASSERT_EQ(lapsed.size(), 1u);
  EXPECT_EQ(lapsed[0].node.node, slow.origin.node);
  EXPECT_EQ(lapsed[0].session, kSession);
  EXPECT_EQ(lapsed[0].held, 2u);
  EXPECT_EQ(Forwarded(slow.outbox.get()), std::vector<Version>{2});
  EXPECT_EQ(Forwarded(quick.outbox.get()), (std::vector<Version>{3, 4}));
}

TEST_F(DispatcherTest, ACatchUpWithoutRoomLapsesAtTheVersionHeld) {
  const Attachment node = Attach(1);
  Release({Forward({node.origin}, 2, 980)});
  const auto lapsed = Release({CatchUpEffect{{node.origin, 1}, 1, kSession, 4, {}}});
  ASSERT_EQ(lapsed.size(), 1u);
  EXPECT_EQ(lapsed[0].held, 4u);
}

TEST_F(DispatcherTest, ACopyAheadIsCounted) {
  const Attachment node = Attach(1);
  Release({CatchUpEffect{{node.origin, 1}, 1, kSession, 10, {}}});
  EXPECT_EQ(dispatcher_.copies_ahead(), 1u);
}

TEST_F(DispatcherTest, WhatIsForAnOlderAttachGoesNowhere) {
  const Attachment older = Attach(1);
  registry_.Confirm(older.origin);
  const Attachment newer = Attach(1);
  Release({AppliedEffect{older.origin, 1, 1, 2}, Forward({older.origin}, 3, 1)});
  EXPECT_TRUE(newer.outbox->Take(1 << 20).empty());
}

TEST_F(DispatcherTest, WakesAStreamOnceForARound) {
  const Attachment node = Attach(1);
  int wakes = 0;
  node.outbox->SetWaker([&wakes] { ++wakes; });
  Release({AppliedEffect{node.origin, 1, 1, 2}, AppliedEffect{node.origin, 2, 2, 3}});
  EXPECT_EQ(wakes, 1);
}

TEST_F(DispatcherTest, OperatorsAreAnswered) {
  Release({DeletedEffect{5, absl::OkStatus(), kSession, 3}});
  EXPECT_EQ(deleted_, std::vector<uint64_t>{5});
}

}  // namespace
}  // namespace sessionhub::hub
