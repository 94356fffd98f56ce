#include "hub/gateway/frames.h"

#include <gtest/gtest.h>

#include "tests/support/paths.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::P;

Operation PutAt(const std::string& path, int64_t value) {
  return {Operation::Kind::kPut, P(path), value};
}

class FramesTest : public ::testing::Test {
 protected:
  // Encodes, and parses with the generated classes.
  v1::HubFrame Encode(const std::vector<OutboxItem>& items) {
    v1::HubFrame frame;
    EXPECT_TRUE(frame.ParseFromString(encoder_.Encode(items)));
    EXPECT_EQ(frame.items_size(), static_cast<int>(items.size()));
    return frame;
  }
  OutboxItem Forward(const std::vector<std::string>& paths, Version from = 4) {
    std::vector<Operation> operations;
    for (const std::string& path : paths) operations.push_back(PutAt(path, 7));
    return ForwardItem{3, from, from + 1, EncodeChanges(operations, &table_)};
  }
  static OutboxItem Answer(uint64_t seq, AnswerItem::Kind kind = AnswerItem::Kind::kApplied) {
    AnswerItem item;
    item.kind = kind;
    item.seq = seq;
    item.from = 8;
    item.to = kind == AnswerItem::Kind::kApplied ? 9 : 8;
    item.refusal = {v1::WRONG_TYPE, "no number"};
    return item;
  }

  PathTable table_{1, 1, 3};
  FrameEncoder encoder_;
};

TEST_F(FramesTest, PathsAreDefinedOnceOnAStreamBeforeTheirUse) {
  const v1::HubFrame first = Encode({Forward({"a", "b"}), Forward({"b", "c"}, 5)});
  ASSERT_EQ(first.paths_size(), 3);
  EXPECT_EQ(first.paths(0).number(), 1u);
  EXPECT_EQ(first.paths(0).path(), "a");
  EXPECT_EQ(first.paths(2).path(), "c");
  EXPECT_EQ(first.items(0).changes().ops(1).path_number(), 2u);
  EXPECT_EQ(first.items(1).changes().ops(0).path_number(), 2u);
  const v1::HubFrame second = Encode({Forward({"a", "c"}, 6)});
  EXPECT_EQ(second.paths_size(), 0);
  EXPECT_EQ(second.items(0).changes().ops(0).path_number(), 1u);
}

TEST_F(FramesTest, PathsPastTheTableGoInline) {
  const v1::HubFrame frame = Encode({Forward({"a", "b", "c", "d/e"})});
  EXPECT_EQ(frame.paths_size(), 3);
  EXPECT_EQ(frame.items(0).changes().ops(3).path_number(), 0u);
  EXPECT_EQ(frame.items(0).changes().ops(3).path(), "d/e");
}

TEST_F(FramesTest, AnotherStreamGetsDefinitionsOfItsOwn) {
  const OutboxItem forward = Forward({"a"});
  Encode({forward});
  FrameEncoder other;
  v1::HubFrame frame;
  ASSERT_TRUE(frame.ParseFromString(other.Encode({forward})));
  EXPECT_EQ(frame.paths_size(), 1);
}

TEST_F(FramesTest, ForwardsOfOneVersionSayNoSpan) {
  const v1::Item item = Encode({Forward({"a"})}).items(0);
  EXPECT_EQ(item.handle(), 3u);
  EXPECT_EQ(item.from(), 4u);
  EXPECT_EQ(item.span(), 0u);
  EXPECT_EQ(item.changes().ops(0).put_int(), 7);
}

TEST_F(FramesTest, ConsecutiveAnswersSayNoSeq) {
  const v1::HubFrame frame = Encode({Answer(1), Answer(2), Answer(5), Answer(6)});
  EXPECT_EQ(frame.items(0).seq(), 0u);
  EXPECT_EQ(frame.items(1).seq(), 0u);
  EXPECT_EQ(frame.items(2).seq(), 5u);
  EXPECT_EQ(frame.items(3).seq(), 0u);
  EXPECT_EQ(Encode({Answer(7)}).items(0).seq(), 0u);
  EXPECT_EQ(Encode({Answer(3)}).items(0).seq(), 3u);
}

TEST_F(FramesTest, AnswersOfEachKind) {
  const v1::HubFrame frame = Encode(
      {Answer(1), Answer(2, AnswerItem::Kind::kAlready), Answer(3, AnswerItem::Kind::kRefused)});
  EXPECT_EQ(frame.items(0).what_case(), v1::Item::WHAT_NOT_SET);
  EXPECT_EQ(frame.items(0).handle(), 0u);
  EXPECT_EQ(frame.items(0).from(), 8u);
  EXPECT_TRUE(frame.items(1).already());
  EXPECT_EQ(frame.items(1).from(), 8u);
  EXPECT_EQ(frame.items(2).refused().reason(), v1::WRONG_TYPE);
  EXPECT_EQ(frame.items(2).refused().message(), "no number");
}

TEST_F(FramesTest, OpenedAndEnded) {
  const v1::HubFrame frame = Encode({OpenedItem{11, 4, 258, true, {}},
                                     OpenedItem{12, 0, 0, false, {v1::NOT_FOUND, "none"}},
                                     EndedItem{4, v1::Ended::DELETED}});
  EXPECT_EQ(frame.items(0).handle(), 4u);
  EXPECT_EQ(frame.items(0).opened().request(), 11u);
  EXPECT_EQ(frame.items(0).opened().number(), 258u);
  EXPECT_TRUE(frame.items(0).opened().created());
  EXPECT_FALSE(frame.items(0).opened().has_refused());
  EXPECT_EQ(frame.items(1).opened().refused().reason(), v1::NOT_FOUND);
  EXPECT_EQ(frame.items(2).ended().why(), v1::Ended::DELETED);
}

TEST_F(FramesTest, ACatchUpKeepsItsBodyAndItsInterval) {
  v1::CatchUp wire;
  std::vector<const PathNumber*> paths;
  AddOperation(PutAt("a", 1), &table_, &wire, &paths);
  wire.set_replace(true);
  wire.set_included_seq(9);
  auto body = std::make_shared<Body>();
  body->bytes = wire.SerializeAsString();
  body->paths = paths;
  const v1::HubFrame frame = Encode({CatchUpItem{2, 0, 300, body}});
  EXPECT_EQ(frame.paths_size(), 1);
  EXPECT_EQ(frame.items(0).from(), 0u);
  EXPECT_EQ(frame.items(0).span(), 300u);
  EXPECT_EQ(frame.items(0).catch_up().SerializeAsString(), wire.SerializeAsString());
}

TEST_F(FramesTest, ReceiptsInvalidationsAndDeliveries) {
  v1::HubFrame frame;
  ASSERT_TRUE(frame.ParseFromString(
      encoder_.Encode({InvalidatedItem{4, 7, 9, true}, EndedItem{5, v1::Ended::DELETED, true},
                       DeliveredItem{17, {"web-1", "web-2"}, false}, DeliveredItem{18, {}, true}},
                      20)));
  EXPECT_EQ(frame.received_through(), 20u);
  EXPECT_EQ(frame.items(0).handle(), 4u);
  EXPECT_EQ(frame.items(0).from(), 7u);
  EXPECT_EQ(frame.items(0).span(), 2u);
  EXPECT_TRUE(frame.items(0).invalidated());
  EXPECT_TRUE(frame.items(0).receipt());
  EXPECT_TRUE(frame.items(1).receipt());
  EXPECT_EQ(frame.items(2).seq(), 17u);
  EXPECT_EQ(frame.items(2).delivered().missing_nodes(1), "web-2");
  EXPECT_FALSE(frame.items(2).delivered().unknown());
  EXPECT_TRUE(frame.items(3).delivered().unknown());
}

TEST_F(FramesTest, NothingIsAnEmptyFrame) {
  EXPECT_TRUE(encoder_.Encode({}).empty());
}

}  // namespace
}  // namespace sessionhub::hub
