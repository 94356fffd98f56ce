// MachineBench: a ShardMachine on a MemoryStore, with short ways to write inputs and to read the
// effects of a turn as text. Long: one sentence for each kind of effect, in one place.
#ifndef TESTS_UNIT_HUB_SHARD_MACHINE_BENCH_H_
#define TESTS_UNIT_HUB_SHARD_MACHINE_BENCH_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/record/field_value.h"
#include "hub/shard/shard_machine.h"
#include "hub/store/memory_store.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {

inline Delta Put(const std::string& path, Value value) {
  return {{{Operation::Kind::kPut, testing::P(path), std::move(value)}}, false};
}
inline Delta Erase(const std::string& path) {
  return {{{Operation::Kind::kErase, testing::P(path), {}}}, false};
}
inline Delta EraseSubtree(const std::string& path) {
  return {{{Operation::Kind::kEraseSubtree, testing::P(path), {}}}, false};
}
inline Delta Add(const std::string& path, int64_t by) {
  return {{{Operation::Kind::kIncrement, testing::P(path), by}}, false};
}
inline Delta EndOfSession() {
  return {{}, true};
}

inline NameKey NameOf(const std::string& id) {
  return {SlotOf("shop", id), 1, id};
}

inline std::string Text(const Origin& origin) {
  return std::to_string(origin.node) + "/" + std::to_string(origin.attach);
}
inline std::string Text(const Target& target) {
  return Text(target.node) + "#" + std::to_string(target.handle) + (target.receipt ? "?" : "");
}

// One line for each effect: "1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1".
inline std::string Text(const Effect& effect) {
  if (const auto* e = std::get_if<AppliedEffect>(&effect)) {
    return Text(e->to_node) + " applied " + std::to_string(e->seq) + " (" +
           std::to_string(e->from) + "," + std::to_string(e->to) + "]";
  }
  if (const auto* e = std::get_if<AlreadyEffect>(&effect)) {
    return Text(e->to_node) + " already " + std::to_string(e->seq) + " in " +
           std::to_string(e->version);
  }
  if (const auto* e = std::get_if<RefusedEffect>(&effect)) {
    return Text(e->to_node) + " refused " + std::to_string(e->seq) + " " +
           v1::RefusalReason_Name(e->refusal.reason);
  }
  if (const auto* e = std::get_if<OpenedEffect>(&effect)) {
    const std::string request = Text(e->to_node) + " opened " + std::to_string(e->request);
    if (e->handle == 0) return request + " " + v1::RefusalReason_Name(e->refusal.reason);
    return request + " #" + std::to_string(e->handle) + (e->created ? " created" : "");
  }
  if (const auto* e = std::get_if<CatchUpEffect>(&effect)) {
    return "catch-up of " + Text(e->target) + " since " + std::to_string(e->since);
  }
  if (const auto* e = std::get_if<EndReadEffect>(&effect)) {
    return "end of read " + std::to_string(e->read);
  }
  if (const auto* e = std::get_if<FinishCatchUpEffect>(&effect)) {
    return "finish of " + Text(e->target) + " from " + std::to_string(e->read.version) + " with " +
           std::to_string(e->read.changes.size()) + " changes" +
           (e->read.overrun ? ", overrun" : "");
  }
  if (const auto* e = std::get_if<IncarnationEndedEffect>(&effect)) {
    return Text(e->to_node) + " ended";
  }
  if (const auto* e = std::get_if<InvalidatedEffect>(&effect)) {
    return Text(e->target) + " invalidated (" + std::to_string(e->from) + "," +
           std::to_string(e->to) + "]";
  }
  if (const auto* e = std::get_if<DeliveredEffect>(&effect)) {
    std::string text = Text(e->to_node) + " delivered " + std::to_string(e->seq);
    for (const std::string& name : e->missing) text += " but " + name;
    return e->unknown ? text + " unknown" : text;
  }
  if (const auto* e = std::get_if<AnswerEffect>(&effect)) {
    const std::string request = Text(e->to_node) + " answered " + std::to_string(e->request);
    if (e->lock_token != 0) return request + " lock " + std::to_string(e->lock_token);
    if (e->refusal.reason == v1::REFUSAL_UNSPECIFIED) return request;
    return request + " " + v1::RefusalReason_Name(e->refusal.reason);
  }
  if (std::holds_alternative<PostEffect>(effect)) return "post";
  if (const auto* e = std::get_if<DeletedEffect>(&effect)) {
    return "deleted " + std::to_string(e->call) + (e->status.ok() ? " ok" : " not found");
  }
  std::string text;
  if (const auto* e = std::get_if<ForwardEffect>(&effect)) {
    text = "forward (" + std::to_string(e->from) + "," + std::to_string(e->to) + "] to";
    for (const Target& target : e->targets) text += " " + Text(target);
  } else if (const auto* e2 = std::get_if<EndedEffect>(&effect)) {
    text = v1::Ended::Why_Name(e2->why) + " told to";
    for (const Target& target : e2->targets) text += " " + Text(target);
  } else if (const auto* e3 = std::get_if<RenamedEffect>(&effect)) {
    text = "now " + e3->id + " told to";
    for (const Target& target : e3->targets) text += " " + Text(target);
  }
  return text;
}

class MachineBench : public ::testing::Test {
 protected:
  static constexpr Origin kOne{1, 1};
  static constexpr Origin kTwo{2, 1};

  explicit MachineBench(const ShardMachineOptions& options = {}) : machine_(options) {}

  // ---- inputs; node n has incarnation n ----
  static Input Attach(NodeNumber node, uint32_t attach = 1, AppNumber app = 1) {
    AttachInput input;
    input.origin = {node, attach};
    input.incarnation[0] = static_cast<uint8_t>(node);
    input.incarnation[1] = static_cast<uint8_t>(node >> 8);
    input.app = app;
    input.name = "web-" + std::to_string(node);
    input.features = v1::FEATURE_DELIVERED;
    return input;
  }
  static Input Open(Origin origin, const std::string& id,
                    v1::CreateMode create = v1::CREATE_IF_MISSING, SessionNumber number = 0,
                    Version version = 0) {
    return OpenInput{origin, 1, NameOf(id), create, number, version, false, {}};
  }
  static Input Commit(Origin origin, uint64_t seq, Handle handle, Delta delta,
                      uint64_t seen_through = 0) {
    CommitInput input;
    input.origin = origin;
    input.seq = seq;
    input.answers_seen_through = seen_through;
    input.handle = handle;
    input.delta = std::move(delta);
    return input;
  }
  // One whose committer waits until other nodes have applied it.
  static Input Deliver(Origin origin, uint64_t seq, Handle handle, Delta delta) {
    Input input = Commit(origin, seq, handle, std::move(delta));
    std::get<CommitInput>(input).delivered = true;
    return input;
  }
  static Input CommitByNumber(Origin origin, uint64_t seq, SessionNumber number, Delta delta) {
    CommitInput input;
    input.origin = origin;
    input.seq = seq;
    input.number = number;
    input.delta = std::move(delta);
    return input;
  }

  // One turn, made durable. Returns the effects as text.
  std::vector<std::string> Turn(const std::vector<Input>& inputs) {
    Loaded loaded;
    for (ReadSet reads = machine_.Plan(inputs, loaded, now_us_); !reads.empty();
         reads = machine_.Plan(inputs, loaded, now_us_)) {
      EXPECT_OK(store_->Load(reads, &loaded));
    }
    ShardMachine::Turn turn = machine_.Step(inputs, loaded, now_us_);
    EXPECT_OK(store_->Apply(turn.record, turn.must_sync));
    record_ = std::move(turn.record);
    must_sync_ = turn.must_sync;
    effects_ = std::move(turn.effects);
    std::vector<std::string> texts;
    for (const Effect& effect : effects_) texts.push_back(Text(effect));
    return texts;
  }

  // Nodes 1 to `nodes` attach and open "a", each with handle 1; the session is live at version 1.
  SessionNumber OpenForAll(NodeNumber nodes) {
    for (NodeNumber node = 1; node <= nodes; ++node) {
      Turn({Attach(node)});
      Turn({Open({node, 1}, "a")});
    }
    return NumberOf("a");
  }
  SessionNumber NumberOf(const std::string& id) {
    ReadSet reads;
    reads.names.push_back(NameOf(id));
    Loaded loaded;
    EXPECT_OK(store_->Load(reads, &loaded));
    const auto& name = loaded.names[NameOf(id)];
    return name ? name->number() : 0;
  }
  std::optional<stored::Meta> MetaOf(SessionNumber number) {
    ReadSet reads;
    reads.metas.push_back(number);
    Loaded loaded;
    EXPECT_OK(store_->Load(reads, &loaded));
    return loaded.metas[number];
  }
  // Makes the incarnation of a node known to the store, or ends it.
  void StoreIncarnation(uint8_t node, bool alive) {
    TurnRecord record;
    record.incarnations.push_back({Incarnation{node}, std::nullopt});
    if (alive) record.incarnations.back().record.emplace();
    EXPECT_OK(store_->Apply(record, true));
  }
  size_t FieldCountOf(SessionNumber number) {
    size_t count = 0;
    EXPECT_OK(store_->ScanFields(number, [&count](const Path&, const stored::Field&) {
      ++count;
      return true;
    }));
    return count;
  }

  uint64_t now_us_ = 1'000'000;
  std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  ShardMachine machine_;
  TurnRecord record_;            // of the last turn
  bool must_sync_ = false;       // of the last turn
  std::vector<Effect> effects_;  // of the last turn
};

}  // namespace sessionhub::hub

#endif  // TESTS_UNIT_HUB_SHARD_MACHINE_BENCH_H_
