// MachineBench: a ShardMachine on a MemoryStore, with short ways to write inputs and to read the
// effects of a turn as text.
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
  return Text(target.node) + "#" + std::to_string(target.handle);
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
  if (const auto* e = std::get_if<IncarnationEndedEffect>(&effect)) {
    return Text(e->to_node) + " ended";
  }
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
  }
  return text;
}

class MachineBench : public ::testing::Test {
 protected:
  explicit MachineBench(const ShardMachineOptions& options = {}) : machine_(options) {}

  // ---- inputs; node n has incarnation n ----
  static Input Attach(NodeNumber node, uint32_t attach = 1, AppNumber app = 1) {
    AttachInput input;
    input.origin = {node, attach};
    input.incarnation[0] = static_cast<uint8_t>(node);
    input.incarnation[1] = static_cast<uint8_t>(node >> 8);
    input.app = app;
    return input;
  }
  static Input Open(Origin origin, const std::string& id,
                    v1::CreateMode create = v1::CREATE_IF_MISSING, SessionNumber number = 0,
                    Version version = 0) {
    return OpenInput{origin, 1, NameOf(id), create, number, version};
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
    EXPECT_OK(store_->Apply(turn.record, true));
    record_ = std::move(turn.record);
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
  size_t FieldCountOf(SessionNumber number) {
    size_t count = 0;
    EXPECT_OK(store_->ScanFields(number, [&count](const Path&, const stored::Field&) {
      ++count;
      return true;
    }));
    return count;
  }

  uint64_t now_us_ = 1'000'000;
  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  ShardMachine machine_;
  TurnRecord record_;            // of the last turn
  std::vector<Effect> effects_;  // of the last turn
};

}  // namespace sessionhub::hub

#endif  // TESTS_UNIT_HUB_SHARD_MACHINE_BENCH_H_
