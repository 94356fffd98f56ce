#include "bench/limits/shard_turns.h"

#include <cstdio>
#include <string>
#include <variant>

#include "proto/session/path.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr char kTurnsApp[] = "shop";
constexpr AppNumber kTurnsAppNumber = 1;
// More than the answers to the largest turn.
constexpr size_t kTakeBytesMax = 64 << 20;

uint64_t WallClockUs() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count());
}

// 16 bytes, other ones for each change.
std::string FieldOf16Bytes(uint64_t change) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(change));
  return text;
}

hub::OpenInput OpenOfNew(const hub::Origin& origin, size_t session) {
  const std::string id = "cookie-" + FieldOf16Bytes(session);
  hub::OpenInput open;
  open.origin = origin;
  open.request = static_cast<uint32_t>(session + 1);
  open.name = {SlotOf(kTurnsApp, id), kTurnsAppNumber, id};
  open.create = v1::CREATE_EXCLUSIVE;
  return open;
}

}  // namespace

absl::StatusOr<hub::Position> RecordingJournal::Append(const hub::TurnRecord& record) {
  if (recording_) batches_.push_back(hub::MakeRecordBatch(record, *handles_));
  return LocalJournal::Append(record);
}

ShardTurns::ShardTurns(hub::Store* store, hub::Journal* journal)
    : registry_({}, [this](const hub::Input& input) { inputs_.push_back(input); }),
      dispatcher_(
          {}, &registry_, store, [](const hub::DeletedEffect&) {}, [](hub::Input) {}),
      shard_({}, journal, store, &dispatcher_) {}

absl::Status ShardTurns::Open() {
  hub::NodeIdentity identity;
  identity.app_name = kTurnsApp;
  identity.app = kTurnsAppNumber;
  identity.name = "web-1";
  identity.incarnation.fill(1);
  ASSIGN_OR_RETURN(node_,
                   registry_.Attach(
                       identity, [](v1::Goodbye::Why, const std::string&) {}, WallClockUs()));
  for (size_t i = 0; i < kSessions; ++i) inputs_.emplace_back(OpenOfNew(node_.origin, i));
  RETURN_IF_ERROR(RunTurn().status());
  for (const hub::OutboxItem& item : node_.outbox->Take(kTakeBytesMax)) {
    const auto* opened = std::get_if<hub::OpenedItem>(&item);
    if (opened != nullptr && opened->created) handles_.push_back(opened->handle);
  }
  if (handles_.size() == kSessions) return absl::OkStatus();
  return absl::InternalError("the shard has made " + std::to_string(handles_.size()) +
                             " sessions of " + std::to_string(kSessions));
}

hub::Input ShardTurns::NextCommit() {
  hub::CommitInput commit;
  commit.origin = node_.origin;
  commit.handle = handles_[commits_ % kSessions];
  commit.seq = ++commits_;
  commit.answers_seen_through = answered_;
  static const Path kPath = Path::FromText("cart/last").value();
  commit.delta.operations.push_back(
      {Operation::Kind::kPut, kPath, Value(FieldOf16Bytes(commits_))});
  return commit;
}

absl::StatusOr<Spent> ShardTurns::RunTurn() {
  const uint64_t now_us = WallClockUs();
  const SpentTimer timer;
  ASSIGN_OR_RETURN(const size_t taken, shard_.RunOnce(inputs_, now_us));
  const Spent took = timer.Read();
  if (taken != inputs_.size()) return absl::InternalError("the shard has split a turn");
  inputs_.clear();
  return took;
}

absl::StatusOr<Spent> ShardTurns::Run(size_t commits) {
  for (size_t i = 0; i < commits; ++i) inputs_.push_back(NextCommit());
  ASSIGN_OR_RETURN(const Spent took, RunTurn());
  size_t applied = 0;
  for (const hub::OutboxItem& item : node_.outbox->Take(kTakeBytesMax)) {
    const auto* answer = std::get_if<hub::AnswerItem>(&item);
    if (answer != nullptr && answer->kind == hub::AnswerItem::Kind::kApplied) ++applied;
  }
  answered_ = commits_;
  if (applied == commits) return took;
  return absl::InternalError("the shard has applied " + std::to_string(applied) + " commits of " +
                             std::to_string(commits));
}

}  // namespace sessionhub::bench
