// The replay's frames are the product's: those of the client stub's machine and of the hub's
// encoder, byte for byte.
#include "bench/replay/hub_frames.h"

#include <gtest/gtest.h>

#include "bench/replay/session_shape.h"
#include "bench/replay/wire_model.h"
#include "hub/forward/catch_up.h"
#include "hub/gateway/frames.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::bench {
namespace {

constexpr uint64_t kIdleMs = 1'800'000;
constexpr uint32_t kHandle = 7;
constexpr SessionNumber kNumber = 0x1234;
const std::string kId(32, 'i');

std::string Bytes(const google::protobuf::Message& message) {
  return message.SerializeAsString();
}

std::vector<Operation> Operations(const PathBook& book, const std::vector<FieldChange>& changes,
                                  bool increments) {
  std::vector<Operation> operations;
  for (const FieldChange& change : changes) {
    const Path& path = book.at(change.path).path;
    operations.push_back(increments && change.counts
                             ? Operation{Operation::Kind::kIncrement, path, Value(1)}
                             : Operation{Operation::Kind::kPut, path, change.value});
  }
  return operations;
}

class NodeFramesTest : public ::testing::Test {
 protected:
  NodeFramesTest() {
    client::MachineDriver::Attach attach;
    attach.path_definitions_max = Limits().path_definitions_max;
    attach.features |= v1::FEATURE_LIFE | v1::FEATURE_INVALIDATE;
    client_.AttachAs(attach);
  }

  // The client's, and that of the model.
  void ExpectOpen(Create create, Interest interest) {
    const bool creates = create != Create::kNever;
    Settings settings;
    if (creates) settings.idle_timeout_ms = kIdleMs;
    token_ = client_.machine.Open(kId, create, 0, client_.now, interest, settings);
    opens_ = client_.Frame();
    EXPECT_EQ(Bytes(opens_), Bytes(model_.Open(kId, creates, interest == Interest::kInvalidate)));
  }
  void Opened() {
    const uint32_t request = opens_.opens(0).request();
    client_.Give(
        {client_.Opened(request, kNumber, kHandle), client_.CatchUp(kHandle, 0, 1, 0, {})});
  }
  void ExpectCommit(const std::vector<FieldChange>& changes) {
    Delta delta;
    delta.operations = Operations(book_, changes, /*increments=*/true);
    ASSERT_TRUE(client_.machine.Commit(*client_.opens.at(token_).copy, std::move(delta)).ok());
    EXPECT_EQ(Bytes(client_.Frame()), Bytes(model_.Commit(kHandle, changes)));
  }

  client::MachineDriver client_;
  client::Token token_ = 0;
  v1::NodeFrame opens_;
  PathBook book_;
  HubStream model_{&book_, kIdleMs};
};

TEST_F(NodeFramesTest, AShopperOpensAndCommits) {
  Shopper shopper(&book_);
  ExpectOpen(Create::kIfMissing, Interest::kPush);
  Opened();
  ExpectCommit(shopper.Add("85123A"));
  client_.Give(model_.Applied(1));
  ExpectCommit(shopper.Add("85123A"));
  client_.Give(model_.Applied(2));
  ExpectCommit(shopper.Add("71053"));
}

TEST_F(NodeFramesTest, ANodeThatHearsOnlyOfChangesOpensAgain) {
  ReplayOptions options;
  options.log_paths = {"-"};
  const LogShape shape(options, &book_);
  ExpectOpen(Create::kNever, Interest::kInvalidate);
  Opened();
  ExpectCommit(shape.all());
  client_.Give(model_.Applied(1));
  client_.Give(HubStream::Invalidated(kHandle, 2));
  client_.machine.Open(kId, Create::kNever, 0, client_.now, Interest::kInvalidate);
  EXPECT_EQ(Bytes(client_.Frame()), Bytes(model_.Reopen(kId, kNumber, 2)));
}

class HubFramesTest : public ::testing::Test {
 protected:
  std::string Encode(const std::vector<hub::OutboxItem>& items) { return encoder_.Encode(items); }

  // A catch-up of the fields that have changed since, as the hub makes it.
  std::vector<hub::OutboxItem> CatchUp(const std::vector<FieldChange>& fields, Version from,
                                       Version to, uint64_t included_seq) {
    hub::CatchUpChunker chunker({kHandle, from, to, from == 0, included_seq, true, kIdleMs},
                                &table_);
    for (const Operation& put : Operations(book_, fields, /*increments=*/false)) chunker.Add(put);
    chunker.Finish(/*more=*/false);
    return std::move(chunker.items());
  }

  PathBook book_;
  HubStream model_{&book_, kIdleMs};
  hub::PathTable table_{1, 1, Limits().path_definitions_max};
  hub::FrameEncoder encoder_;
};

TEST_F(HubFramesTest, AnswersForwardsAndEnds) {
  Shopper shopper(&book_);
  const std::vector<FieldChange> first = shopper.Add("85123A"), second = shopper.Add("71053");
  hub::AnswerItem applied;
  applied.seq = 1;
  applied.from = 300;
  applied.to = 301;
  EXPECT_EQ(Encode({applied}), Bytes(model_.Applied(300)));
  Version from = 5;
  for (const auto& changes : {first, first, second}) {
    const auto body = hub::EncodeChanges(Operations(book_, changes, false), &table_);
    EXPECT_EQ(Encode({hub::ForwardItem{kHandle, from, from + 1, body}}),
              Bytes(model_.Forward(kHandle, from, changes)));
    ++from;
  }
  EXPECT_EQ(Encode({hub::InvalidatedItem{kHandle, 9, 10}}),
            Bytes(HubStream::Invalidated(kHandle, 9)));
  EXPECT_EQ(Encode({hub::EndedItem{kHandle, v1::Ended::EXPIRED}}),
            Bytes(HubStream::Ended(kHandle)));
}

TEST_F(HubFramesTest, AnOpenedSessionAndItsCatchUp) {
  ReplayOptions options;
  options.log_paths = {"-"};
  const LogShape shape(options, &book_);
  SessionImage image;
  image.Apply(book_, shape.all());
  model_.Open(kId, false, false);
  hub::OpenedItem opened{1, kHandle, kNumber, false, {}};
  std::vector<hub::OutboxItem> items = CatchUp(shape.all(), 0, 2, 0);
  items.insert(items.begin(), opened);
  const v1::Item model_opened = model_.Opened(kHandle, kNumber, false);
  EXPECT_EQ(Encode(items).size(), model_.CatchUpFrameBytes(kHandle, image, 0, 0, model_opened));

  image.Apply(book_, shape.changed());
  model_.Reopen(kId, kNumber, 2);
  opened.request = 2;
  items = CatchUp(shape.changed(), 2, 3, 40);
  items.insert(items.begin(), opened);
  EXPECT_EQ(Encode(items).size(), model_.CatchUpFrameBytes(kHandle, image, 2, 40,
                                                           model_.Opened(kHandle, kNumber, false)));
}

TEST_F(HubFramesTest, AnEmptySessionHasACatchUpToo) {
  model_.Open(kId, true, false);
  std::vector<hub::OutboxItem> items = CatchUp({}, 0, 1, 0);
  items.insert(items.begin(), hub::OpenedItem{1, kHandle, kNumber, true, {}});
  const v1::Item opened = model_.Opened(kHandle, kNumber, true);
  EXPECT_EQ(Encode(items).size(), model_.CatchUpFrameBytes(kHandle, SessionImage(), 0, 0, opened));
}

TEST_F(HubFramesTest, PathsPastTheBoundGoInline) {
  const size_t bound = Limits().path_definitions_max;
  for (size_t i = 0; i <= bound; ++i) book_.Number("field-" + std::to_string(i));
  const FieldChange last{static_cast<uint32_t>(bound - 1), Value(1), false};
  const FieldChange past{static_cast<uint32_t>(bound), Value(1), false};
  EXPECT_EQ(model_.Forward(kHandle, 1, {last}).paths_size(), 1);
  const v1::HubFrame frame = model_.Forward(kHandle, 2, {past});
  EXPECT_EQ(frame.paths_size(), 0);
  EXPECT_EQ(frame.items(0).changes().ops(0).path(), "field-" + std::to_string(bound));
}

// One commit in flight, a put of 16 bytes: bench/results/2026-11-29-report.json, "load_one". The
// interface counted there leaves out the 14 bytes of Ethernet's header of each packet.
TEST_F(HubFramesTest, ACommitTakesWhatWasMeasured) {
  constexpr double kMeasuredBytes = 420.4, kMeasuredPackets = 5.85, kEthernetBytes = 14;
  const FieldChange change{book_.Number("field-0"), Value(std::string(16, 'v')), false};
  model_.Commit(kHandle, {change});
  model_.Applied(2);
  const Wire wire = GrpcMessage(model_.Commit(kHandle, {change}).ByteSizeLong()) +
                    GrpcMessage(model_.Applied(3).ByteSizeLong());
  const double measured = kMeasuredBytes + kMeasuredPackets * kEthernetBytes;
  EXPECT_NEAR(static_cast<double>(wire.bytes), measured, measured * 0.05);
}

}  // namespace
}  // namespace sessionhub::bench
