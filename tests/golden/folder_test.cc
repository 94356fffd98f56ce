// A data folder as a hub of format 1 has left it, which every later hub must open, with exactly
// what is in it.
//
// folders/format_1.tar.gz is the folder, format_1.txt what is in it. Both stay as they are. They
// were made, and those of a later format are, by running this program with
// SESSIONHUB_GOLDEN_UPDATE=1, which writes what is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "hub/hub.h"
#include "hub/hub_clock.h"
#include "hub/store/formats.h"
#include "hub/store/rocks_store.h"
#include "proto/session/ids.h"
#include "tests/golden/folder_dump.h"
#include "tests/golden/folder_maker.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// True if the command has done its work.
bool Succeeds(const std::string& command) {
  return std::system(command.c_str()) == 0;
}

std::string Golden(const std::string& ending) {
  return std::string(SESSIONHUB_GOLDEN_FOLDERS) + "/format_1" + ending;
}

// Without RocksDB's diary and the settings it was opened with, which name paths.
void WriteGolden() {
  static_assert(hub::kFormats.newest == 1, "a folder of the new format, beside that of format 1");
  const TemporaryFolder folder;
  const std::string data = folder.path() + "/data";
  ASSERT_NO_FATAL_FAILURE(MakeGoldenFolder(data));
  const auto dump = DumpFolder(data);
  ASSERT_OK(dump);
  ASSERT_TRUE(Succeeds(
      "tar --create --gzip --file '" + Golden(".tar.gz") + "' --directory '" + folder.path() +
      "' --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --exclude='LOG*' "
      "--exclude='OPTIONS*' --exclude=LOCK data"));
  std::ofstream(Golden(".txt")) << *dump;
}

class GoldenFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* update = std::getenv("SESSIONHUB_GOLDEN_UPDATE");
    if (update != nullptr && std::string(update) == "1" && !fs::exists(Golden(".tar.gz"))) {
      ASSERT_NO_FATAL_FAILURE(WriteGolden());
    }
    ASSERT_TRUE(Succeeds("tar --extract --gzip --file '" + Golden(".tar.gz") + "' --directory '" +
                         folder_.path() + "'"));
  }
  std::string data() const { return folder_.path() + "/data"; }

  TemporaryFolder folder_;
};

TEST_F(GoldenFolderTest, EveryRecordIsReadAsItWasWritten) {
  const auto dump = DumpFolder(data());
  ASSERT_OK(dump);
  EXPECT_GT(dump->size(), 10'000u);
  EXPECT_EQ(*dump, ReadFile(Golden(".txt")));
}

// With a hub of today.
class ServedGoldenFolderTest : public GoldenFolderTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(GoldenFolderTest::SetUp());
    hub_.set_data_dir(data());
    ASSERT_OK(hub_.Start());
    probe_ = std::make_unique<HubProbe>(hub_.endpoint());
  }
  v1::SessionSummary Summary(const std::string& id) {
    return probe_->Session(kGoldenApp, id).summary();
  }
  // Web-1 again, as the same client object: it may still resend.
  std::unique_ptr<RawNode> ComeBack() {
    auto node = std::make_unique<RawNode>(hub_.endpoint(), kGoldenApp, "web-1", kGoldenWriter);
    const v1::Attached attached = AttachGolden(node.get());
    EXPECT_FALSE(attached.incarnation_ended());
    EXPECT_EQ(attached.history_id(), kGoldenHistory);
    return node;
  }
  static v1::Open MakeOpen(const std::string& id) {
    v1::Open open;
    open.set_request(100);
    open.set_id(id);
    return open;
  }

  HubProcess hub_;
  std::unique_ptr<HubProbe> probe_;
};

TEST_F(ServedGoldenFolderTest, ASessionHasItsFieldsAndSettings) {
  const v1::GetSessionResponse ada = probe_->Session(kGoldenApp, "ada");
  EXPECT_EQ(ada.summary().version(), 4u);
  EXPECT_EQ(ada.summary().owner(), "user-7");
  EXPECT_EQ(ada.summary().idle_timeout_ms(), 1'800'000u);
  EXPECT_GT(ada.summary().absolute_deadline_ms(), ada.summary().created_ms());
  std::vector<std::string> fields;
  for (const v1::Op& op : ada.fields()) fields.push_back(op.ShortDebugString());
  EXPECT_THAT(fields, ElementsAre("path: \"cart/count\" put_int: 2",
                                  "path: \"cart/last\" put_string: \"85123A\"",
                                  "path: \"cart/open\" put_bool: true",
                                  "path: \"cart/raw\" put_bytes: \"\\000\\377\"",
                                  "path: \"cart/tags\" put_json: \"[\\\"a\\\",{}]\"",
                                  "path: \"cart/total\" put_double: 12.5",
                                  "path: \"name/\\303\\244~1b\" put_string: \"\\342\\202\\254\""));
  const v1::GetSessionResponse big = probe_->Session(kGoldenApp, "big");
  EXPECT_EQ(big.fields_size(), kGoldenBigFields);
  EXPECT_EQ(probe_->Session("blog", std::string("a\0\xff", 3)).fields_size(), 1);
}

TEST_F(ServedGoldenFolderTest, WhatWasDecidedIsDecidedAlikeWhenItIsResent) {
  const uint64_t number = Summary("ada").number();
  const auto node = ComeBack();
  const v1::Item applied = CommitAs(node.get(), 1, GoldenPuts(number));
  EXPECT_TRUE(applied.already());
  EXPECT_EQ(applied.from(), 4u);
  EXPECT_EQ(CommitAs(node.get(), 3, GoldenRefused(number)).refused().reason(), v1::WRONG_TYPE);
  // The exclusive creation is its own; nobody else's.
  v1::Open open = MakeOpen("ada");
  open.set_create(v1::CREATE_EXCLUSIVE);
  EXPECT_EQ(OpenAs(node.get(), open).opened().refused().reason(), v1::ALREADY_EXISTS);
  open.set_request(1);
  EXPECT_TRUE(OpenAs(node.get(), open).opened().created());
  EXPECT_EQ(CommitAs(node.get(), 9, DeltaOn(number, IncrementInt("cart/count", 1))).from(), 4u);
  EXPECT_EQ(probe_->Integer(kGoldenApp, "ada", "cart/count"), 3);
}

TEST_F(ServedGoldenFolderTest, WhatHasEndedOrWasRenamedStaysSo) {
  const auto node = ComeBack();
  EXPECT_EQ(OpenAs(node.get(), MakeOpen("bob")).opened().refused().reason(), v1::NOT_FOUND);
  EXPECT_EQ(OpenAs(node.get(), MakeOpen("guest")).opened().refused().reason(), v1::RENAMED);
  const v1::Item member = OpenAs(node.get(), MakeOpen("member"));
  EXPECT_EQ(member.opened().number(), Summary("member").number());
  // The delta that ended bob was applied; a late one is not. The number is in the dump.
  const uint64_t bob = MakeSessionNumber(SlotOf(kGoldenApp, "bob"), 1);
  EXPECT_TRUE(CommitAs(node.get(), 7, DeltaOn(bob, PutString("name", "late"))).already());
  EXPECT_EQ(CommitAs(node.get(), 9, DeltaOn(bob, PutString("name", "late"))).refused().reason(),
            v1::GONE);
  // Another life has another number.
  v1::Open again = MakeOpen("bob");
  again.set_create(v1::CREATE_EXCLUSIVE);
  EXPECT_EQ(OpenAs(node.get(), again).opened().number(),
            MakeSessionNumber(SlotOf(kGoldenApp, "bob"), 2));
}

TEST_F(ServedGoldenFolderTest, ALockIsHeldByWhoHadIt) {
  const uint64_t number = Summary("locked").number();
  RawNode other(hub_.endpoint(), kGoldenApp, "web-9", 'z');
  v1::NodeFrame frame;
  *frame.mutable_hello() = other.MakeHello();
  frame.mutable_hello()->set_features(v1::FEATURE_LOCKS);
  v1::LockRequest* lock = frame.add_locks();
  lock->set_request(1);
  lock->set_number(number);
  lock->set_lease_ms(1'000);
  ASSERT_TRUE(other.Send(frame));
  const auto answer = other.ReceiveItem();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->answer().refused().reason(), v1::LOCKED);
  v1::Delta delta = DeltaOn(number, PutString("n", "mine"));
  delta.set_lock_token(1);
  EXPECT_FALSE(CommitAs(ComeBack().get(), 9, delta).has_refused());
}

// It may lie for years: what ends or is forgotten does so in time in which a hub serves. What is
// due is looked at before this hub answers anybody.
TEST_F(GoldenFolderTest, ItIsTheSameAfterTenYears) {
  constexpr uint64_t kTenYearsUs = 10ull * 365 * 24 * 3600 * 1'000'000;
  hub::RocksStoreOptions options;
  options.data_dir = data();
  auto store = hub::RocksStore::Open(options);
  ASSERT_OK(store);
  hub::Clocks clocks;
  clocks.wall_us = [] { return hub::WallTimeUs() + kTenYearsUs; };
  hub::Config config;
  config.data_dir = data();
  config.listen = "127.0.0.1:0";
  auto hub = hub::Hub::Start(config, *std::move(store), nullptr, clocks);
  ASSERT_OK(hub);
  (*hub)->AdvanceTime(1'000'000);
  const std::string endpoint = "127.0.0.1:" + std::to_string((*hub)->port());
  RawNode node(endpoint, kGoldenApp, "web-1", kGoldenWriter);
  EXPECT_FALSE(AttachGolden(&node).incarnation_ended());
  v1::Open guest;
  guest.set_request(100);
  guest.set_id("guest");
  EXPECT_EQ(OpenAs(&node, guest).opened().refused().reason(), v1::RENAMED);
  const v1::SessionSummary ada = HubProbe(endpoint).Session(kGoldenApp, "ada").summary();
  EXPECT_EQ(ada.version(), 4u);
  EXPECT_TRUE(CommitAs(&node, 1, GoldenPuts(ada.number())).already());
}

// What an older hub of this format could not open is not added before an upgrade is finalized.
TEST_F(ServedGoldenFolderTest, ServingLeavesItsFormatAndItsColumnFamilies) {
  ASSERT_FALSE(CommitAs(ComeBack().get(), 9, DeltaOn(Summary("big").number(), PutString("a", "b")))
                   .has_refused());
  hub_.Terminate();
  ASSERT_EQ(hub_.Wait().value_or(-1), 0) << hub_.log();
  EXPECT_EQ(ReadFile(data() + "/FORMAT"), "sessionhub data folder, format 1\n");
  EXPECT_THAT(ColumnFamilies(data()).value(),
              ElementsAre("default", "due", "fields", "identities", "metas", "names", "owners"));
}

}  // namespace
}  // namespace sessionhub::testing
