#include "tests/golden/folder_maker.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <cstring>
#include <memory>
#include <utility>

#include "hub/hub.h"
#include "hub/hub_clock.h"
#include "hub/store/rocks_store.h"
#include "proto/session/ids.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

constexpr uint64_t kHundredYearsMs = 100ull * 365 * 24 * 3600 * 1000;

// Tables name the machine that has written them; these are for everybody.
class NamelessEnv : public rocksdb::EnvWrapper {
 public:
  NamelessEnv() : rocksdb::EnvWrapper(rocksdb::Env::Default()) {}
  const char* Name() const override { return "NamelessEnv"; }
  rocksdb::Status GetHostName(char* name, uint64_t bytes_max) override {
    std::strncpy(name, "golden", bytes_max);
    return rocksdb::Status::OK();
  }
};

// A hub in this process, for one life.
class Life {
 public:
  explicit Life(const std::string& path) {
    hub::RocksStoreOptions options;
    options.data_dir = path;
    options.env = &env_;
    options.fresh_history_id = BytesToId128(kGoldenHistory);
    options.now_us = hub::WallTimeUs();
    auto store = hub::RocksStore::Open(options);
    EXPECT_OK(store);
    hub::Config config;
    config.data_dir = path;
    config.listen = "127.0.0.1:0";
    auto hub = hub::Hub::Start(config, *std::move(store));
    EXPECT_OK(hub);
    hub_ = *std::move(hub);
  }
  ~Life() { hub_->Drain(); }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(hub_->port()); }

 private:
  NamelessEnv env_;
  std::unique_ptr<hub::Hub> hub_;
};

v1::Open MakeOpen(uint32_t request, const std::string& id, v1::CreateMode create) {
  v1::Open open;
  open.set_request(request);
  open.set_id(id);
  open.set_create(create);
  return open;
}

uint64_t OpenNew(RawNode* node, uint32_t request, const std::string& id) {
  return OpenAs(node, MakeOpen(request, id, v1::CREATE_IF_MISSING)).opened().number();
}

void Apply(RawNode* node, uint64_t seq, const v1::Delta& delta) {
  EXPECT_FALSE(CommitAs(node, seq, delta).has_refused()) << seq;
}

// Every type of value, a refusal, and the two kinds of erase.
void WriteAda(RawNode* node) {
  v1::Open open = MakeOpen(1, "ada", v1::CREATE_EXCLUSIVE);
  open.mutable_new_session()->set_idle_timeout_ms(1'800'000);
  open.mutable_new_session()->set_absolute_timeout_ms(kHundredYearsMs);
  open.mutable_new_session()->set_owner("user-7");
  const uint64_t number = OpenAs(node, open).opened().number();
  Apply(node, 1, GoldenPuts(number));
  Apply(node, 2, DeltaOn(number, IncrementInt("cart/count", 5)));
  EXPECT_TRUE(CommitAs(node, 3, GoldenRefused(number)).has_refused());
  v1::Delta erase;
  erase.set_number(number);
  erase.add_ops()->set_path("cart/note");
  erase.mutable_ops(0)->set_erase(true);
  erase.add_ops()->set_path("cart/items/22423");
  erase.mutable_ops(1)->set_erase_subtree(true);
  Apply(node, 4, erase);
}

void WriteBig(RawNode* node) {
  v1::Delta delta;
  delta.set_number(OpenNew(node, 2, "big"));
  for (int64_t i = 0; i < kGoldenBigFields; ++i) {
    v1::Op* op = delta.add_ops();
    op->set_path("row/" + std::to_string(i));
    op->set_put_string("value of row " + std::to_string(i));
  }
  Apply(node, 5, delta);
}

// It ends, and its id is free.
void WriteAndDeleteBob(RawNode* node) {
  const uint64_t number = OpenNew(node, 3, "bob");
  Apply(node, 6, DeltaOn(number, PutString("name", "bob")));
  v1::Delta remove;
  remove.set_number(number);
  remove.set_delete_session(true);
  Apply(node, 7, remove);
}

v1::Answer Ask(RawNode* node, const v1::NodeFrame& frame) {
  EXPECT_TRUE(node->Send(frame));
  while (const auto item = node->ReceiveItem()) {
    if (item->has_answer()) return item->answer();
  }
  return v1::Answer();
}

void RenameGuest(RawNode* node) {
  const uint64_t number = OpenNew(node, 4, "guest");
  Apply(node, 8, DeltaOn(number, PutString("name", "grace")));
  v1::NodeFrame frame;
  v1::Rename* rename = frame.add_renames();
  rename->set_request(5);
  rename->set_number(number);
  rename->set_old_id("guest");
  rename->set_new_id("member");
  EXPECT_FALSE(Ask(node, frame).has_refused());
}

void LockSession(RawNode* node) {
  v1::NodeFrame frame;
  v1::LockRequest* lock = frame.add_locks();
  lock->set_request(7);
  lock->set_number(OpenNew(node, 6, "locked"));
  lock->set_lease_ms(600'000);
  EXPECT_EQ(Ask(node, frame).lock_token(), 1u);
}

}  // namespace

v1::Delta GoldenPuts(uint64_t number) {
  v1::Delta delta = DeltaOn(number, PutString("cart/last", "85123A"));
  const auto add = [&delta](const std::string& path) {
    v1::Op* op = delta.add_ops();
    op->set_path(path);
    return op;
  };
  add("cart/raw")->set_put_bytes(std::string("\0\xff", 2));
  add("cart/count")->set_put_int(-3);
  add("cart/total")->set_put_double(12.5);
  add("cart/open")->set_put_bool(true);
  add("cart/note")->set_put_null(true);
  add("cart/tags")->set_put_json("[\"a\",{}]");
  add("cart/items/22423/qty")->set_put_int(1);
  add("name/\xc3\xa4~1b")->set_put_string("\xe2\x82\xac");
  return delta;
}

v1::Delta GoldenRefused(uint64_t number) {
  return DeltaOn(number, IncrementInt("cart/last", 1));
}

v1::Attached AttachGolden(RawNode* node) {
  v1::NodeFrame frame;
  *frame.mutable_hello() = node->MakeHello();
  frame.mutable_hello()->set_features(255);
  frame.mutable_hello()->set_known_before(true);
  EXPECT_TRUE(node->Send(frame));
  return node->Receive().value_or(v1::HubFrame()).attached();
}

v1::Item CommitAs(RawNode* node, uint64_t seq, const v1::Delta& delta) {
  v1::NodeFrame frame;
  frame.set_first_seq(seq);
  *frame.add_deltas() = delta;
  EXPECT_TRUE(node->Send(frame));
  while (const auto item = node->ReceiveItem()) {
    if (item->handle() == 0 && !item->has_opened() && !item->has_answer()) return *item;
  }
  return v1::Item();
}

v1::Item OpenAs(RawNode* node, const v1::Open& open) {
  v1::NodeFrame frame;
  *frame.add_opens() = open;
  EXPECT_TRUE(node->Send(frame));
  v1::Item opened;
  while (const auto item = node->ReceiveItem()) {
    if (item->has_opened() && item->opened().request() == open.request()) opened = *item;
    if (opened.opened().has_refused()) break;
    if (item->has_catch_up() && item->handle() == opened.handle() && !item->catch_up().more()) {
      break;
    }
  }
  return opened;
}

void MakeGoldenFolder(const std::string& path) {
  {
    const Life life(path);
    RawNode node(life.endpoint(), kGoldenApp, "web-1", kGoldenWriter);
    ASSERT_TRUE(node.Attach().has_attached());
  }
  {
    const Life life(path);
    RawNode node(life.endpoint(), kGoldenApp, "web-1", kGoldenWriter);
    ASSERT_FALSE(AttachGolden(&node).incarnation_ended());
    WriteAda(&node);
    WriteBig(&node);
  }
  const Life life(path);
  RawNode node(life.endpoint(), kGoldenApp, "web-1", kGoldenWriter);
  ASSERT_FALSE(AttachGolden(&node).incarnation_ended());
  WriteAndDeleteBob(&node);
  RenameGuest(&node);
  LockSession(&node);
  RawNode other(life.endpoint(), "blog", "web-2", 'b');
  ASSERT_TRUE(other.Attach().has_attached());
  const uint64_t number = other.Open(std::string("a\0\xff", 3)).opened().number();
  ASSERT_FALSE(other.Commit(DeltaOn(number, PutString("text", "post"))).has_refused());
}

}  // namespace sessionhub::testing
