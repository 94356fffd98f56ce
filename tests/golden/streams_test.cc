// Clients of earlier releases talk to the hub of today: recorded streams are replayed, byte by
// byte, over real gRPC against a real hub, and what it answers means what it meant then.
//
// A new stream is written as lines of text without bytes, with `?` for each event. With
// SESSIONHUB_GOLDEN_UPDATE=1 what is missing is filled in: frames of nodes by the schema of today,
// events by what the hub says. What is there stays.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "hub/store/rocks_store.h"
#include "proto/session/ids.h"
#include "sessionhub/v1/frames.pb.h"
#include "tests/golden/recorded_stream.h"
#include "tests/support/byte_node.h"
#include "tests/support/hub_process.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;
using Kind = StreamLine::Kind;
using ::testing::IsEmpty;

// That of every hub that is recorded, so that nodes can name it.
constexpr char kHistory[] = "golden history 1";
constexpr char kNotRecorded[] = "?";

bool IsUpdate() {
  const char* update = std::getenv("SESSIONHUB_GOLDEN_UPDATE");
  return update != nullptr && std::string(update) == "1";
}

std::string ToText(const Message& message) {
  TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// Fields that the schema of today does not know: they were removed or have got another number.
void CollectUnknown(const Message& message, std::vector<std::string>* found) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < reflection->GetUnknownFields(message).field_count(); ++i) {
    found->push_back(message.GetDescriptor()->full_name() + "." +
                     std::to_string(reflection->GetUnknownFields(message).field(i).number()));
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      CollectUnknown(reflection->GetMessage(message, field), found);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      CollectUnknown(reflection->GetRepeatedMessage(message, field, i), found);
    }
  }
}

// What recorded bytes are today. The text tells what they were.
template <typename Frame>
void Understand(const StreamLine& line, std::string* bytes, Frame* frame) {
  const auto decoded = FromHex(line.hex);
  ASSERT_OK(decoded);
  *bytes = *decoded;
  ASSERT_TRUE(frame->ParseFromString(*bytes));
  std::vector<std::string> unknown;
  CollectUnknown(*frame, &unknown);
  EXPECT_THAT(unknown, IsEmpty()) << "the schema of today lacks what was recorded";
  Frame meant;
  ASSERT_TRUE(TextFormat::ParseFromString(line.text, &meant));
  EXPECT_TRUE(MessageDifferencer::Equals(*frame, meant))
      << "the bytes are read as " << ToText(*frame);
}

// The parts of a hub's frame that stand in the lane, each as a frame of its own.
void AppendEvents(const v1::HubFrame& frame, std::deque<v1::HubFrame>* events) {
  if (frame.has_attached()) *events->emplace_back().mutable_attached() = frame.attached();
  for (const v1::Item& item : frame.items()) *events->emplace_back().add_items() = item;
  if (frame.has_goodbye()) *events->emplace_back().mutable_goodbye() = frame.goodbye();
}

// One node: its stream, and what has come on it and was not looked at.
class RecordedNode {
 public:
  void Attach(const std::string& endpoint) {
    stream_.reset();
    stream_ = std::make_unique<ByteNode>(endpoint);
    events_.clear();
    paths_.clear();
    received_through_ = 0;
  }
  bool Say(const std::string& bytes) { return stream_ != nullptr && stream_->Send(bytes); }
  bool Leave() { return stream_ != nullptr && stream_->Leave(); }

  // The next event, with its paths by name; nothing once the stream has ended.
  std::optional<v1::HubFrame> Next() {
    while (events_.empty()) {
      if (!Take()) return std::nullopt;
    }
    v1::HubFrame event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  bool AwaitReceived(uint64_t seq) {
    while (received_through_ < seq) {
      if (!Take()) return false;
    }
    return true;
  }
  bool AwaitHeartbeat() {
    heartbeats_ = 0;
    while (heartbeats_ == 0) {
      if (!Take()) return false;
    }
    return true;
  }
  // What has come and was not looked at.
  const std::deque<v1::HubFrame>& rest() const { return events_; }

 private:
  bool Take() {
    const std::optional<std::string> bytes = stream_ == nullptr ? std::nullopt : stream_->Receive();
    v1::HubFrame frame;
    if (!bytes || !frame.ParseFromString(*bytes)) return false;
    heartbeats_ += bytes->empty() ? 1 : 0;
    received_through_ = std::max(received_through_, frame.received_through());
    for (const v1::PathDefinition& path : frame.paths()) paths_[path.number()] = path.path();
    for (v1::Item& item : *frame.mutable_items()) {
      if (item.has_changes()) NamePaths(item.mutable_changes()->mutable_ops());
      if (item.has_catch_up()) NamePaths(item.mutable_catch_up()->mutable_ops());
    }
    AppendEvents(frame, &events_);
    return true;
  }
  void NamePaths(google::protobuf::RepeatedPtrField<v1::Op>* ops) {
    for (v1::Op& op : *ops) {
      if (op.path_number() == 0) continue;
      op.set_path(paths_[op.path_number()]);
      op.clear_path_number();
    }
  }

  std::unique_ptr<ByteNode> stream_;
  std::deque<v1::HubFrame> events_;
  std::map<uint32_t, std::string> paths_;
  uint64_t received_through_ = 0;
  int heartbeats_ = 0;
};

// What is of the moment: the words of messages, and what the operator has configured. That it is
// there is not.
void ForgetTheMoment(v1::HubFrame* frame) {
  if (frame->has_attached()) {
    v1::Attached* attached = frame->mutable_attached();
    if (attached->has_limits()) attached->mutable_limits()->Clear();
    attached->set_lease_ms(attached->lease_ms() == 0 ? 0 : 1);
    attached->set_heartbeat_ms(attached->heartbeat_ms() == 0 ? 0 : 1);
  }
  const auto forget = [](v1::Refused* refused) {
    if (!refused->message().empty()) refused->set_message("why");
  };
  for (v1::Item& item : *frame->mutable_items()) {
    if (item.has_refused()) forget(item.mutable_refused());
    if (item.opened().has_refused()) forget(item.mutable_opened()->mutable_refused());
    if (item.answer().has_refused()) forget(item.mutable_answer()->mutable_refused());
  }
  if (frame->has_goodbye() && !frame->goodbye().message().empty()) {
    frame->mutable_goodbye()->set_message("why");
  }
}

void ExpectSameMeaning(v1::HubFrame expected, v1::HubFrame actual) {
  ForgetTheMoment(&expected);
  ForgetTheMoment(&actual);
  std::string differences;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(expected, actual)) << differences << "now: " << ToText(actual);
}

class StreamTest : public ::testing::TestWithParam<std::string> {
 protected:
  static std::string FileOf(const std::string& name) {
    return std::string(SESSIONHUB_GOLDEN_STREAMS) + "/" + name + ".txt";
  }

  // On a new folder, whose history is the recorded one.
  void StartHub(const std::string& options) {
    std::istringstream words(options);
    std::vector<std::string> list;
    for (std::string word; words >> word;) list.push_back(word);
    hub_ = std::make_unique<HubProcess>(list);
    hub::RocksStoreOptions store;
    store.data_dir = hub_->data_dir();
    store.fresh_history_id = BytesToId128(kHistory);
    ASSERT_OK(hub::RocksStore::Open(store));
    ASSERT_OK(hub_->Start());
  }

  template <typename Frame>
  static void EncodeIfNew(StreamLine* line) {
    if (!IsUpdate() || !line->hex.empty()) return;
    Frame frame;
    ASSERT_TRUE(TextFormat::ParseFromString(line->text, &frame));
    line->hex = ToHex(frame.SerializeAsString());
  }

  void Say(StreamLine* line) {
    v1::NodeFrame frame;
    ASSERT_NO_FATAL_FAILURE(EncodeIfNew<v1::NodeFrame>(line));
    std::string bytes;
    ASSERT_NO_FATAL_FAILURE(Understand(*line, &bytes, &frame));
    ASSERT_TRUE(nodes_[line->node].Say(bytes));
  }

  void Hear(StreamLine* line) {
    if (IsUpdate() && line->text == kNotRecorded) return Record(line);
    ASSERT_NO_FATAL_FAILURE(EncodeIfNew<v1::HubFrame>(line));
    std::string bytes;
    v1::HubFrame expected;
    ASSERT_NO_FATAL_FAILURE(Understand(*line, &bytes, &expected));
    if (expected.received_through() != 0) {
      ASSERT_TRUE(nodes_[line->node].AwaitReceived(expected.received_through()));
      return;
    }
    const std::optional<v1::HubFrame> actual = nodes_[line->node].Next();
    ASSERT_TRUE(actual.has_value()) << "the stream has ended";
    ExpectSameMeaning(std::move(expected), *actual);
  }

  void Record(StreamLine* line) {
    const std::optional<v1::HubFrame> event = nodes_[line->node].Next();
    ASSERT_TRUE(event.has_value()) << "the stream has ended";
    line->text = ToText(*event);
    line->hex = ToHex(event->SerializeAsString());
  }

  void ExpectNothingMore(const std::string& node) {
    for (const v1::HubFrame& frame : nodes_[node].rest()) ADD_FAILURE() << ToText(frame);
  }

  void Play(StreamLine* line) {
    switch (line->kind) {
      case Kind::kHub:
        return StartHub(line->text);
      case Kind::kAttaches:
        ASSERT_NE(hub_, nullptr) << "no hub was started";
        ExpectNothingMore(line->node);
        return nodes_[line->node].Attach(hub_->endpoint());
      case Kind::kSays:
        return Say(line);
      case Kind::kHears:
        return Hear(line);
      case Kind::kHeartbeat:
        ASSERT_TRUE(nodes_[line->node].AwaitHeartbeat());
        return;
      case Kind::kLeaves:
        ASSERT_TRUE(nodes_[line->node].Leave());
        EXPECT_FALSE(nodes_[line->node].Next().has_value()) << "the hub has more to say";
        return;
      case Kind::kOther:
        return;
    }
  }

  std::unique_ptr<HubProcess> hub_;
  std::map<std::string, RecordedNode> nodes_;
};

TEST_P(StreamTest, MeansWhatItMeant) {
  const std::string file = FileOf(GetParam());
  absl::StatusOr<RecordedStream> stream = ReadStream(file);
  ASSERT_OK(stream);
  size_t said = 0;
  for (size_t i = 0; i < stream->lines.size() && !HasFatalFailure(); ++i) {
    StreamLine* line = &stream->lines[i];
    SCOPED_TRACE(GetParam() + ": " + line->node + " " + line->text);
    Play(line);
    said += line->kind == Kind::kSays ? 1 : 0;
  }
  EXPECT_GT(said, 0u) << "an empty stream proves nothing";
  for (const auto& [name, node] : nodes_) ExpectNothingMore(name);
  if (IsUpdate()) {
    ASSERT_OK(WriteStream(*stream, file));
  }
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(SESSIONHUB_GOLDEN_STREAMS)) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Recorded, StreamTest, ::testing::ValuesIn(Names()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace sessionhub::testing
