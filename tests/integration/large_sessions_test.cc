// Sessions and values of the largest size that is accepted by default, over real gRPC: they are
// written, refused one byte past, and reach other nodes without holding up what is small.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::AllOf;
using testing::Apply;
using testing::ConnectTo;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::RawNode;
using testing::StatusIs;
using testing::WaitFor;

constexpr size_t kValueBytes = 1 << 20;
constexpr int kFields = 16;

std::string PathOf(int field) {
  return "f" + std::to_string(10 + field);
}

class LargeSessionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    writer_.emplace(ConnectTo(hub_.endpoint(), "writer"));
  }
  // Exactly session_bytes_max: the path of each field counts four bytes.
  void WriteLargest() {
    auto session = OpenOrCreate(*writer_, "large");
    ASSERT_OK(session);
    large_ = *session;
    for (int field = 0; field < kFields; ++field) {
      Edit edit = large_->Begin();
      edit.Set(PathOf(field), std::string(kValueBytes - 4, static_cast<char>('a' + field)));
      ASSERT_OK(Apply(std::move(edit)).status);
    }
  }
  v1::GetStatusResponse Status() { return HubProbe(hub_.endpoint()).Status(); }
  // Both hold the same version, and the same bytes.
  static bool Agree(const Session& one, const Session& two) {
    const auto a = one.Read();
    const auto b = two.Read();
    if (!a.ok() || !b.ok() || a->version() != b->version()) return false;
    for (int field = 0; field < kFields; ++field) {
      const Value* left = a->Get(PathOf(field));
      const Value* right = b->Get(PathOf(field));
      if ((left == nullptr) != (right == nullptr) || (left && *left != *right)) return false;
    }
    return a->field_count() == b->field_count();
  }

  HubProcess hub_;
  std::optional<Client> writer_;
  std::optional<Session> large_;
};

TEST_F(LargeSessionsTest, AValueAndASessionMayReachTheirBoundAndNotPassIt) {
  const auto session = OpenOrCreate(*writer_, "value");
  ASSERT_OK(session);
  Edit largest = session->Begin();
  largest.Set("v", std::string(kValueBytes, 'x'));
  EXPECT_OK(Apply(std::move(largest)).status);
  Edit past = session->Begin();
  past.Set("v", std::string(kValueBytes + 1, 'x'));
  EXPECT_THAT(Apply(std::move(past)).status,
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("1048577"), HasSubstr("value_bytes_max = 1048576"))));

  WriteLargest();
  Edit one_more = large_->Begin();
  one_more.Set("z", true);
  EXPECT_THAT(Apply(std::move(one_more)).status,
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("16777219"), HasSubstr("session_bytes_max = 16777216"))));
  EXPECT_EQ(large_->Read()->version(), 1u + kFields);
}

TEST_F(LargeSessionsTest, ACopyConvergesWhileTheSessionIsWritten) {
  WriteLargest();
  Client reader = ConnectTo(hub_.endpoint(), "reader");
  Edit erase = large_->Begin();
  erase.Erase(PathOf(0));
  ASSERT_OK(Apply(std::move(erase)).status);
  Outcomes outcomes;
  for (int n = 0; n < 50; ++n) outcomes.Increment(*large_, "count");
  const auto copy = reader.Open("large");
  ASSERT_OK(copy);
  for (int n = 0; n < 50; ++n) {
    outcomes.Increment(*large_, "count");
    Edit edit = large_->Begin();
    edit.Set(PathOf(1 + n % 3), std::to_string(n)).Erase(PathOf(4 + n % 3));
    ASSERT_OK(Apply(std::move(edit)).status);
    outcomes.Increment(*copy, "count");
  }
  EXPECT_TRUE(WaitFor([&] { return outcomes.open() == 0; }));
  EXPECT_EQ(outcomes.failed(), 0u);
  EXPECT_TRUE(WaitFor([&] { return Agree(*large_, *copy); }));
  EXPECT_EQ(IntegerAt(*copy, "count"), 150);
  EXPECT_GT(Status().counters().large_catch_ups(), 0u);
  EXPECT_TRUE(WaitFor([&] { return Status().catch_up_reads() == 0; }));
  EXPECT_EQ(Status().catch_up_bytes(), 0u);
}

TEST_F(LargeSessionsTest, CommitsOfTheSameStreamAreAnsweredWhileItComes) {
  WriteLargest();
  RawNode node(hub_.endpoint(), kApp, "raw", 'r');
  ASSERT_TRUE(node.Attach().has_attached());
  const v1::Item small = node.Open("small");
  v1::NodeFrame open;
  open.add_opens()->set_request(77);
  open.mutable_opens(0)->set_id("large");
  ASSERT_TRUE(node.Send(open));
  std::optional<v1::Item> item = node.ReceiveItem();
  ASSERT_TRUE(item && item->has_opened());
  const uint32_t handle = item->handle();
  item = node.ReceiveItem();
  ASSERT_TRUE(item && item->has_catch_up());
  EXPECT_TRUE(item->catch_up().first());
  // 16 MiB do not fit into what lies between hub and node, so most of it is still to be read.
  v1::NodeFrame commit;
  commit.set_first_seq(1);
  *commit.add_deltas() = testing::DeltaOn(small.opened().number(), testing::IncrementInt("n", 1));
  ASSERT_TRUE(node.Send(commit));
  bool answered = false;
  size_t bytes = 0;
  while (item && item->catch_up().more()) {
    EXPECT_EQ(item->handle(), handle);
    bytes += item->ByteSizeLong();
    do {
      item = node.ReceiveItem();
      answered |= item && item->handle() == 0;
    } while (item && item->handle() == 0);
  }
  ASSERT_TRUE(item) << "the stream has ended";
  EXPECT_TRUE(answered);
  EXPECT_GT(bytes, 15u << 20);
  EXPECT_EQ(item->from() + item->span(), 1u + kFields);
}

TEST_F(LargeSessionsTest, ANodeThatLeavesInTheMiddleLeavesNothingBehind) {
  WriteLargest();
  {
    RawNode node(hub_.endpoint(), kApp, "raw", 'r');
    ASSERT_TRUE(node.Attach().has_attached());
    v1::NodeFrame open;
    open.add_opens()->set_request(77);
    open.mutable_opens(0)->set_id("large");
    ASSERT_TRUE(node.Send(open));
    ASSERT_TRUE(node.ReceiveItem()->has_opened());
    ASSERT_TRUE(node.ReceiveItem()->catch_up().more());
    EXPECT_EQ(Status().catch_up_reads(), 1u);
    EXPECT_LE(Status().catch_up_bytes(), (1u << 20) + 1000);
  }
  EXPECT_TRUE(WaitFor([&] { return Status().catch_up_reads() == 0; }));
  EXPECT_EQ(Status().catch_up_bytes(), 0u);
}

}  // namespace
}  // namespace sessionhub
