#include "hub/forward/dispatcher.h"

#include "hub/record/field_value.h"
#include "hub/store/memory_store.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;

class DispatcherTest : public ::testing::Test {
 protected:
  static constexpr SessionNumber kSession = MakeSessionNumber(3, 1);

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
    auto released = dispatcher_.Release(std::move(effects));
    EXPECT_OK(released);
    return std::move(released->lapsed);
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
  std::vector<Input> posted_;
  Dispatcher dispatcher_{{},
                         &registry_,
                         store_.get(),
                         [this](const DeletedEffect& effect) { deleted_.push_back(effect.call); },
                         [this](Input input) { posted_.push_back(std::move(input)); }};
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

TEST_F(DispatcherTest, WhatAnOlderAttachMissesHidesNothingThatTheNewerMisses) {
  const Attachment older = Attach(1);
  registry_.Confirm(older.origin);
  const Attachment newer = Attach(1);
  Release({Forward({newer.origin}, 2, 980)});
  const auto lapsed = Release({Forward({older.origin}, 3, 1), Forward({older.origin}, 4, 1),
                               CatchUpEffect{{newer.origin, 1}, 1, kSession, 4, {}}});
  ASSERT_EQ(lapsed.size(), 2u);
  EXPECT_EQ(lapsed[0].node.attach, older.origin.attach);
  EXPECT_EQ(lapsed[1].node.attach, newer.origin.attach);
  EXPECT_EQ(lapsed[1].held, 4u);
}

TEST_F(DispatcherTest, WakesAStreamOnceForARound) {
  const Attachment node = Attach(1);
  int wakes = 0;
  node.outbox->SetWaker([&wakes] { ++wakes; });
  Release({AppliedEffect{node.origin, 1, 1, 2}, AppliedEffect{node.origin, 2, 2, 3}});
  EXPECT_EQ(wakes, 1);
}

TEST_F(DispatcherTest, WhoWaitsForAnAnswerIsWokenBeforeWhoHearsOfAChange) {
  constexpr uint8_t kNodes = 16;
  std::vector<Origin> nodes;
  std::vector<uint32_t> woken;
  for (uint8_t i = 1; i <= kNodes; ++i) {
    const Attachment node = Attach(i);
    nodes.push_back(node.origin);
    node.outbox->SetWaker([&woken, number = node.origin.node] { woken.push_back(number); });
  }
  for (const Origin& writer : nodes) {
    std::vector<Origin> others = nodes;
    std::erase_if(others, [&writer](const Origin& one) { return one.node == writer.node; });
    woken.clear();
    Release({Forward(others, 10, 1), AppliedEffect{writer, 1, 9, 10}});
    ASSERT_EQ(woken.size(), nodes.size());
    EXPECT_EQ(woken.front(), writer.node);
  }
}

TEST_F(DispatcherTest, OperatorsAreAnswered) {
  Release({DeletedEffect{5, absl::OkStatus(), kSession, 3}});
  EXPECT_EQ(deleted_, std::vector<uint64_t>{5});
}

// ---- sessions that are too large for a turn ----

class LargeDispatchTest : public DispatcherTest {
 protected:
  static constexpr uint64_t kTurnBytes = 100;

  LargeDispatchTest() { StoreLarge(9, kTurnBytes + 1); }
  void StoreLarge(Version version, uint64_t bytes_bound) {
    TurnRecord record;
    stored::Meta meta;
    meta.set_version(version);
    meta.set_bytes_bound(bytes_bound);
    record.metas.push_back({kSession, meta});
    record.fields.push_back({{kSession, P("a")}, FieldOf(Value("old"), 9)});
    EXPECT_OK(store_->Apply(record, true));
  }
  static DispatcherOptions LargeOptions() {
    DispatcherOptions options;
    options.turn_read_bytes_max = kTurnBytes;
    options.reads_max = 3;
    options.reads_per_node_max = 2;
    return options;
  }
  static Effect CatchUp(const Attachment& node, uint64_t read, Version since = 0) {
    return CatchUpEffect{{node.origin, 1}, 1, kSession, since, {}, read};
  }
  Released ReleaseAll(std::vector<Effect> effects) {
    auto released = large_.Release(std::move(effects));
    EXPECT_OK(released);
    return *std::move(released);
  }
  void RunReader() {
    while (reader_.RunOnce()) {
    }
  }
  // One line for each catch-up item: "1 op to 9, first, more".
  static std::vector<std::string> Items(Outbox* outbox) {
    std::vector<std::string> texts;
    for (const OutboxItem& item : outbox->Take(1 << 20)) {
      const auto* catch_up = std::get_if<CatchUpItem>(&item);
      if (!catch_up) continue;
      v1::CatchUp wire;
      EXPECT_TRUE(wire.ParseFromString(catch_up->catch_up->bytes));
      texts.push_back(std::to_string(wire.ops_size()) + " ops to " + std::to_string(catch_up->to) +
                      (wire.first() ? ", first" : "") + (wire.more() ? ", more" : "") +
                      (wire.behind() ? ", behind" : ""));
    }
    return texts;
  }

  std::vector<uint64_t> done_;
  CatchUpReader reader_{
      [this](const Input& input) { done_.push_back(std::get<ReadDoneInput>(input).read); }};
  Dispatcher large_{LargeOptions(), &registry_, store_.get(), [](const DeletedEffect&) {},
                    [](Input) {},   &reader_};
};

TEST_F(LargeDispatchTest, ASessionAboveTheBoundIsLeftToTheReader) {
  const Attachment node = Attach(1);
  const Released released = ReleaseAll({CatchUp(node, 7)});
  EXPECT_TRUE(released.lapsed.empty());
  ASSERT_EQ(released.large.size(), 1u);
  EXPECT_TRUE(released.large[0].started);
  const LargeRead& read = released.large[0].read;
  EXPECT_EQ(read.number, 7u);
  EXPECT_EQ(read.session, kSession);
  EXPECT_EQ(read.version, 9u);
  EXPECT_TRUE(read.replace);
  RunReader();
  EXPECT_EQ(Items(node.outbox.get()), std::vector<std::string>{"1 ops to 9, first, more"});
  RunReader();
  EXPECT_EQ(done_, std::vector<uint64_t>{7});
}

TEST_F(LargeDispatchTest, OneAtTheBoundAndACopyThatLacksNothingAreNot) {
  const Attachment node = Attach(1);
  EXPECT_TRUE(ReleaseAll({CatchUp(node, 7, 9)}).large.empty());
  EXPECT_EQ(Items(node.outbox.get()), std::vector<std::string>{"0 ops to 9, first"});
  StoreLarge(9, kTurnBytes);
  EXPECT_TRUE(ReleaseAll({CatchUp(node, 8)}).large.empty());
  EXPECT_EQ(Items(node.outbox.get()), std::vector<std::string>{"1 ops to 9, first"});
}

TEST_F(LargeDispatchTest, ReadsAreBoundedForANodeAndForAll) {
  const Attachment one = Attach(1);
  const Attachment two = Attach(2);
  const Released released = ReleaseAll(
      {CatchUp(one, 1), CatchUp(one, 2), CatchUp(one, 3), CatchUp(two, 4), CatchUp(two, 5)});
  std::vector<bool> started;
  for (const LargePair& pair : released.large) started.push_back(pair.started);
  EXPECT_EQ(started, (std::vector<bool>{true, true, false, true, false}));
  EXPECT_EQ(reader_.reads(), 3u);
  EXPECT_TRUE(ReleaseAll({EndReadEffect{1}, CatchUp(two, 6)}).large[0].started);
  EXPECT_EQ(reader_.reads(), 3u);
}

TEST_F(LargeDispatchTest, AnEndedReadIsDroppedFromTheOutbox) {
  const Attachment node = Attach(1);
  ReleaseAll({CatchUp(node, 1)});
  RunReader();
  EXPECT_GT(node.outbox->chunk_bytes(), 0u);
  ReleaseAll({EndReadEffect{1}, EndReadEffect{1}, EndReadEffect{99}});
  EXPECT_EQ(node.outbox->chunk_bytes(), 0u);
  EXPECT_EQ(reader_.reads(), 0u);
}

TEST_F(LargeDispatchTest, TheLastPartHoldsWhatHasChangedAndIsUpToNow) {
  const Attachment node = Attach(1);
  FinishCatchUpEffect finish{{node.origin, 1}, 1, {}, {}};
  finish.read = ReleaseAll({CatchUp(node, 1)}).large[0].read;
  RunReader();
  EXPECT_EQ(Items(node.outbox.get()).size(), 1u);
  finish.read.changes.push_back(
      std::make_shared<const std::vector<Operation>>(std::vector<Operation>{
          {Operation::Kind::kErase, P("a"), {}}, {Operation::Kind::kPut, P("b"), Value(1)}}));
  StoreLarge(11, 500);
  EXPECT_TRUE(ReleaseAll({finish}).lapsed.empty());
  EXPECT_EQ(Items(node.outbox.get()), std::vector<std::string>{"2 ops to 11"});
  // Overrun, it ends where the read began, and says that this is behind.
  finish.read.overrun = true;
  finish.read.changes.clear();
  ReleaseAll({finish});
  EXPECT_EQ(Items(node.outbox.get()), std::vector<std::string>{"0 ops to 9, behind"});
}

TEST_F(LargeDispatchTest, ALastPartWithoutRoomKeepsItsRead) {
  const Attachment node = Attach(1);
  FinishCatchUpEffect finish{{node.origin, 1}, 1, {}, {}};
  finish.read = ReleaseAll({CatchUp(node, 1)}).large[0].read;
  RunReader();
  Items(node.outbox.get());
  RunReader();
  ReleaseAll({CatchUp(node, 2), Forward({node.origin}, 2, 980)});
  EXPECT_EQ(ReleaseAll({finish}).lapsed.size(), 1u);
  EXPECT_FALSE(ReleaseAll({CatchUp(node, 3)}).large[0].started) << "two of the node go on";
  node.outbox->Take(1 << 20);
  EXPECT_TRUE(ReleaseAll({finish}).lapsed.empty());
  EXPECT_TRUE(ReleaseAll({CatchUp(node, 4)}).large[0].started);
}

}  // namespace
}  // namespace sessionhub::hub
