#include "hub/gateway/admission.h"

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

Limits SmallLimits() {
  Limits limits;
  limits.id_bytes_max = 8;
  limits.path_bytes_max = 10;
  limits.value_bytes_max = 5;
  limits.delta_ops_max = 2;
  limits.path_definitions_max = 2;
  return limits;
}

MATCHER_P2(Refuses, reason, words, "") {
  *result_listener << "which is " << v1::RefusalReason_Name(arg.reason) << ": " << arg.message;
  return arg.reason == reason && ::testing::Matches(words)(arg.message);
}

const auto kAdmitted = Refuses(v1::REFUSAL_UNSPECIFIED, "");

class AdmissionTest : public ::testing::Test {
 protected:
  absl::Status Admit(const v1::NodeFrame& frame) {
    admitted_ = {};
    return admission_.Admit(frame, &admitted_);
  }
  // The refusal of a frame's only delta; OK if it is legal.
  absl::Status AdmitDelta(const v1::Delta& delta) {
    v1::NodeFrame frame;
    frame.set_first_seq(++last_seq_);
    *frame.add_deltas() = delta;
    EXPECT_OK(Admit(frame));
    EXPECT_EQ(admitted_.deltas, 1u);
    return std::get<CommitInput>(admitted_.inputs.at(0)).admission;
  }
  // The reason for which an Open is refused, 0 if it is not.
  int AdmitOpen(const v1::Open& open) {
    v1::NodeFrame frame;
    *frame.add_opens() = open;
    EXPECT_OK(Admit(frame));
    EXPECT_EQ(admitted_.inputs.size() + admitted_.answers.size(), 1u);
    if (admitted_.answers.empty()) return 0;
    return std::get<OpenedItem>(admitted_.answers[0]).refusal.reason;
  }
  static v1::Delta PutDelta(const std::string& path, const std::string& text) {
    v1::Delta delta;
    delta.set_handle(1);
    v1::Op* op = delta.add_ops();
    op->set_path(path);
    op->set_put_string(text);
    return delta;
  }
  static v1::Open OpenOf(const std::string& id) {
    v1::Open open;
    open.set_id(id);
    return open;
  }

  Admission admission_{SmallLimits(), {4, 2}, "shop", 9, kHubFeatures};
  Admitted admitted_;
  uint64_t last_seq_ = 0;
};

TEST_F(AdmissionTest, AFrameBecomesInputsInTheOrderOfItsFields) {
  v1::NodeFrame frame;
  frame.add_closes(7);
  *frame.add_deltas() = PutDelta("a", "x");
  *frame.add_deltas() = PutDelta("b", "y");
  frame.set_first_seq(41);
  frame.set_answers_seen_through(40);
  frame.add_resumes()->set_handle(3);
  *frame.add_opens() = OpenOf("id");
  ASSERT_OK(Admit(frame));
  ASSERT_EQ(admitted_.inputs.size(), 5u);
  const auto& open = std::get<OpenInput>(admitted_.inputs[0]);
  EXPECT_EQ(open.name, (NameKey{SlotOf("shop", "id"), 9, "id"}));
  EXPECT_EQ(open.origin.node, 4u);
  EXPECT_EQ(open.origin.attach, 2u);
  EXPECT_EQ(std::get<ResumeInput>(admitted_.inputs[1]).handle, 3u);
  const auto& second = std::get<CommitInput>(admitted_.inputs[3]);
  EXPECT_EQ(second.seq, 42u);
  EXPECT_EQ(second.answers_seen_through, 40u);
  EXPECT_EQ(second.delta.operations.at(0).path, testing::P("b"));
  EXPECT_EQ(std::get<CloseInput>(admitted_.inputs[4]).handle, 7u);
}

TEST_F(AdmissionTest, AnsweredSeenNeverGoesBack) {
  v1::NodeFrame frame;
  frame.set_answers_seen_through(5);
  ASSERT_OK(Admit(frame));
  frame.set_answers_seen_through(3);
  frame.set_first_seq(6);
  *frame.add_deltas() = PutDelta("a", "x");
  ASSERT_OK(Admit(frame));
  EXPECT_EQ(std::get<CommitInput>(admitted_.inputs[0]).answers_seen_through, 5u);
}

TEST_F(AdmissionTest, EveryShardHearsWhatWasSeenWithTheNextFrameWithoutDeltas) {
  v1::NodeFrame frame;
  frame.set_first_seq(6);
  *frame.add_deltas() = PutDelta("a", "x");
  frame.set_answers_seen_through(5);
  ASSERT_OK(Admit(frame));
  ASSERT_EQ(admitted_.inputs.size(), 1u);
  const v1::NodeFrame heartbeat;
  ASSERT_OK(Admit(heartbeat));
  ASSERT_EQ(admitted_.inputs.size(), 1u);
  EXPECT_EQ(std::get<SeenInput>(admitted_.inputs[0]).through, 5u);
  ASSERT_OK(Admit(heartbeat));
  EXPECT_TRUE(admitted_.inputs.empty());
}

// ---- what breaks the contract ----

TEST_F(AdmissionTest, ASecondHelloBreaksTheContract) {
  v1::NodeFrame frame;
  frame.mutable_hello();
  EXPECT_THAT(Admit(frame), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("hello")));
}

// Each takes far more memory here than on the wire.
TEST_F(AdmissionTest, AFrameMayAskForSoMuchAndNoMore) {
  v1::NodeFrame frame;
  for (size_t n = 0; n < kFrameRequestsMax; ++n) {
    n % 2 == 0 ? frame.add_closes(1) : frame.add_resumes()->set_handle(1);
  }
  EXPECT_OK(Admit(frame));
  EXPECT_EQ(admitted_.inputs.size(), kFrameRequestsMax);
  frame.add_opens();
  EXPECT_THAT(Admit(frame),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("asks 16385 things")));
  EXPECT_TRUE(admitted_.inputs.empty());
}

TEST_F(AdmissionTest, SequenceNumbersGrowFromOne) {
  v1::NodeFrame frame;
  *frame.add_deltas() = PutDelta("a", "x");
  *frame.add_deltas() = PutDelta("a", "x");
  EXPECT_FALSE(Admit(frame).ok());  // first_seq 0
  frame.set_first_seq(1);
  EXPECT_OK(Admit(frame));
  frame.set_first_seq(2);
  EXPECT_THAT(Admit(frame), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("2")));
  frame.set_first_seq(9);
  EXPECT_OK(Admit(frame));
}

TEST_F(AdmissionTest, PathNumbersAreDefinedOnceFromOneUpToTheirBound) {
  const auto define = [this](uint32_t number) {
    v1::NodeFrame frame;
    frame.add_paths()->set_number(number);
    frame.mutable_paths(0)->set_path("a");
    return Admit(frame);
  };
  EXPECT_FALSE(define(0).ok());
  EXPECT_OK(define(1));
  EXPECT_THAT(define(1), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("twice")));
  EXPECT_OK(define(5));
  EXPECT_THAT(define(6),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("path_definitions_max = 2")));
}

// ---- what refuses one delta ----

TEST_F(AdmissionTest, DeltasAtTheirLimitsAreLegalAndOnePastRefused) {
  EXPECT_OK(AdmitDelta(PutDelta("123456789", "12345")));
  EXPECT_THAT(AdmitDelta(PutDelta("1234567890", "x")),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("path")));
  EXPECT_THAT(AdmitDelta(PutDelta("a", "123456")),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("value")));
  v1::Delta delta = PutDelta("a", "x");
  *delta.add_ops() = PutDelta("b", "x").ops(0);
  EXPECT_OK(AdmitDelta(delta));
  *delta.add_ops() = PutDelta("c", "x").ops(0);
  EXPECT_THAT(AdmitDelta(delta),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("delta_ops_max")));
}

TEST_F(AdmissionTest, IllegalDeltasAreRefusedAlone) {
  v1::NodeFrame frame;
  frame.set_first_seq(1);
  *frame.add_deltas() = PutDelta("", "x");
  *frame.add_deltas() = PutDelta("a", "\xff");
  frame.add_deltas()->set_handle(1);  // no operations
  frame.add_deltas()->add_ops()->set_path("a");
  v1::Delta numbered = PutDelta("a", "x");
  numbered.mutable_ops(0)->clear_path();
  numbered.mutable_ops(0)->set_path_number(77);
  *frame.add_deltas() = numbered;
  *frame.add_deltas() = PutDelta("a", "x");
  ASSERT_OK(Admit(frame));
  ASSERT_EQ(admitted_.inputs.size(), 6u);
  for (size_t n = 0; n < 5; ++n) {
    EXPECT_THAT(std::get<CommitInput>(admitted_.inputs[n]).admission,
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")))
        << n;
  }
  EXPECT_OK(std::get<CommitInput>(admitted_.inputs[5]).admission);
}

TEST_F(AdmissionTest, WhatIsNotAgreedIsRefused) {
  v1::NodeFrame frame;
  frame.set_first_seq(1);
  *frame.add_deltas() = PutDelta("a", "x");
  frame.mutable_deltas(0)->set_if_version(3);
  Admission plain(SmallLimits(), {4, 2}, "shop", 9, v1::FEATURE_NONE);
  ASSERT_OK(plain.Admit(frame, &admitted_));
  EXPECT_THAT(std::get<CommitInput>(admitted_.inputs.at(0)).admission,
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("preconditions")));
  EXPECT_OK(AdmitDelta(frame.deltas(0)));
}

TEST_F(AdmissionTest, ADefinedPathThatIsIllegalRefusesWhoUsesIt) {
  v1::NodeFrame frame;
  frame.add_paths()->set_number(1);
  frame.mutable_paths(0)->set_path("~9");
  ASSERT_OK(Admit(frame));
  v1::Delta delta = PutDelta("a", "x");
  delta.mutable_ops(0)->clear_path();
  delta.mutable_ops(0)->set_path_number(1);
  EXPECT_THAT(AdmitDelta(delta), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")));
}

// ---- what refuses an Open ----

TEST_F(AdmissionTest, OpensAreRefusedByThemselves) {
  EXPECT_EQ(AdmitOpen(OpenOf("12345678")), 0);
  EXPECT_EQ(AdmitOpen(OpenOf("123456789")), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(AdmitOpen(OpenOf("")), v1::INVALID_ARGUMENT);
  v1::Open open = OpenOf("id");
  open.set_create(static_cast<v1::CreateMode>(9));
  EXPECT_EQ(AdmitOpen(open), v1::INVALID_ARGUMENT);
  open = OpenOf("id");
  open.set_mode(static_cast<v1::InterestMode>(9));
  EXPECT_EQ(AdmitOpen(open), v1::UNSUPPORTED);
  open.set_mode(v1::INTEREST_INVALIDATE);
  EXPECT_EQ(AdmitOpen(open), 0);
  open = OpenOf("id");
  open.mutable_new_session()->set_idle_timeout_ms(1);
  EXPECT_EQ(AdmitOpen(open), v1::INVALID_ARGUMENT);
  open.mutable_new_session()->Clear();
  EXPECT_EQ(AdmitOpen(open), 0);
}

TEST_F(AdmissionTest, ARefusedOpenEchoesItsRequest) {
  v1::Open open = OpenOf("");
  open.set_request(31);
  AdmitOpen(open);
  EXPECT_EQ(std::get<OpenedItem>(admitted_.answers.at(0)).request, 31u);
}

// ---- the life of a session ----

class LifeAdmissionTest : public ::testing::Test {
 protected:
  Admission admission_{SmallLimits(), {4, 2}, "shop", 9, v1::FEATURE_LIFE};
  Admitted admitted_;
};

TEST_F(LifeAdmissionTest, SettingsOfANewSessionAreCheckedAndKept) {
  v1::NodeFrame frame;
  v1::NewSession* legal = frame.add_opens()->mutable_new_session();
  legal->set_idle_timeout_ms(1'000);
  legal->set_owner("user-7");
  frame.mutable_opens(0)->set_id("id");
  *frame.add_opens() = frame.opens(0);
  frame.mutable_opens(1)->mutable_new_session()->set_idle_timeout_ms(999);
  ASSERT_OK(admission_.Admit(frame, &admitted_));
  ASSERT_EQ(admitted_.inputs.size(), 1u);
  const Settings& settings = std::get<OpenInput>(admitted_.inputs[0]).settings;
  EXPECT_EQ(settings, (Settings{1'000, std::nullopt, "user-7"}));
  ASSERT_EQ(admitted_.answers.size(), 1u);
  EXPECT_THAT(std::get<OpenedItem>(admitted_.answers[0]).refusal,
              Refuses(v1::INVALID_ARGUMENT, HasSubstr("idle timeout is 999 ms: give at least")));
}

TEST_F(LifeAdmissionTest, TouchesBecomeInputsWithABound) {
  v1::NodeFrame frame;
  frame.add_touches()->set_handle(3);
  frame.mutable_touches(0)->set_ago_ms(50);
  frame.add_touches()->set_ago_ms(~uint64_t{0});
  ASSERT_OK(admission_.Admit(frame, &admitted_));
  ASSERT_EQ(admitted_.inputs.size(), 2u);
  EXPECT_EQ(std::get<TouchInput>(admitted_.inputs[0]).handle, 3u);
  EXPECT_EQ(std::get<TouchInput>(admitted_.inputs[0]).ago_us, 50'000u);
  EXPECT_EQ(std::get<TouchInput>(admitted_.inputs[1]).ago_us, kTimeoutMsMax * 1000);
}

TEST_F(LifeAdmissionTest, RenamesAreCheckedAtTheirLimits) {
  const auto admit = [this](const std::string& id, uint64_t alias_ms,
                            const std::string& old_id = "before") {
    v1::NodeFrame frame;
    v1::Rename* rename = frame.add_renames();
    rename->set_request(3);
    rename->set_number(257);
    rename->set_new_id(id);
    rename->set_old_id(old_id);
    rename->set_alias_ms(alias_ms);
    admitted_ = {};
    EXPECT_OK(admission_.Admit(frame, &admitted_));
    if (admitted_.answers.empty()) return Refusal();
    EXPECT_TRUE(admitted_.inputs.empty());
    const auto& answer = std::get<RequestAnswerItem>(admitted_.answers[0]);
    EXPECT_EQ(answer.request, 3u);
    return answer.refusal;
  };
  EXPECT_THAT(admit("12345678", 60'000), kAdmitted);
  const RenameInput input = std::get<RenameInput>(admitted_.inputs.at(0));
  EXPECT_EQ(input.name, (NameKey{SlotOf("shop", "12345678"), 9, "12345678"}));
  EXPECT_EQ(input.alias_us, 60'000'000u);
  EXPECT_EQ(input.old_id, "before");
  const auto too_long =
      Refuses(v1::LIMIT_EXCEEDED, HasSubstr("session id is 9 bytes, over id_bytes_max = 8"));
  const auto empty = Refuses(v1::INVALID_ARGUMENT, HasSubstr("session id is empty"));
  EXPECT_THAT(admit("123456789", 0), too_long);
  EXPECT_THAT(admit("", 0), empty);
  EXPECT_THAT(admit("a", 0, "12345678"), kAdmitted);
  EXPECT_THAT(admit("a", 0, "123456789"), too_long);
  EXPECT_THAT(admit("a", 0, ""), empty);
  const auto window_of = [](const std::string& ms) {
    return Refuses(v1::INVALID_ARGUMENT,
                   "alias window of " + ms + " ms is over the limit of 60000 ms");
  };
  EXPECT_THAT(admit("a", 60'001), window_of("60001"));
  EXPECT_THAT(admit("a", ~uint64_t{0}), window_of("18446744073709551615"));
}

TEST(AdmissionLocksTest, RequestsAreCheckedAtTheirLimits) {
  Admission admission(SmallLimits(), {4, 2}, "shop", 9, v1::FEATURE_LOCKS);
  Admitted admitted;
  const auto admit = [&](uint64_t lease_ms, uint64_t wait_ms, uint64_t token = 0) {
    v1::NodeFrame frame;
    v1::LockRequest* lock = frame.add_locks();
    lock->set_request(3);
    lock->set_number(257);
    lock->set_lease_ms(lease_ms);
    lock->set_wait_ms(wait_ms);
    lock->set_token(token);
    admitted = {};
    EXPECT_OK(admission.Admit(frame, &admitted));
    if (admitted.answers.empty()) return Refusal();
    EXPECT_TRUE(admitted.inputs.empty());
    const auto& answer = std::get<RequestAnswerItem>(admitted.answers[0]);
    EXPECT_EQ(answer.request, 3u);
    return answer.refusal;
  };
  EXPECT_THAT(admit(600'000, 60'000, 7), kAdmitted);
  const LockInput input = std::get<LockInput>(admitted.inputs.at(0));
  EXPECT_EQ(input.number, 257u);
  EXPECT_EQ(input.lease_us, 600'000'000u);
  EXPECT_EQ(input.wait_us, 60'000'000u);
  EXPECT_EQ(input.token, 7u);
  EXPECT_THAT(admit(1, 0), kAdmitted);
  const auto lease_of = [](const std::string& ms) {
    return Refuses(v1::INVALID_ARGUMENT, "lease of " + ms + " ms is not from 1 to 600000 ms");
  };
  EXPECT_THAT(admit(0, 0), lease_of("0"));
  EXPECT_THAT(admit(600'001, 0), lease_of("600001"));
  EXPECT_THAT(admit(~uint64_t{0}, 0), lease_of("18446744073709551615"));
  const auto wait_of = [](const std::string& ms) {
    return Refuses(v1::INVALID_ARGUMENT, "wait of " + ms + " ms is over the limit of 60000 ms");
  };
  EXPECT_THAT(admit(1, 60'001), wait_of("60001"));
  EXPECT_THAT(admit(1, ~uint64_t{0}), wait_of("18446744073709551615"));
}

// One who gives a lock back and asks for it anew gets it.
TEST(AdmissionLocksTest, LocksAreGivenBackBeforeOthersAreAskedFor) {
  Admission admission(SmallLimits(), {4, 2}, "shop", 9, v1::FEATURE_LOCKS);
  v1::NodeFrame frame;
  frame.add_locks()->set_lease_ms(1);
  frame.add_unlocks()->set_handle(5);
  frame.mutable_unlocks(0)->set_token(7);
  Admitted admitted;
  EXPECT_OK(admission.Admit(frame, &admitted));
  ASSERT_EQ(admitted.inputs.size(), 2u);
  EXPECT_EQ(std::get<UnlockInput>(admitted.inputs[0]).handle, 5u);
  EXPECT_EQ(std::get<UnlockInput>(admitted.inputs[0]).token, 7u);
  EXPECT_TRUE(std::holds_alternative<LockInput>(admitted.inputs[1]));
}

TEST(AdmissionFeaturesTest, WhatWasNotAgreedIsRefused) {
  Admission admission(SmallLimits(), {4, 2}, "shop", 9, v1::FEATURE_NONE);
  v1::NodeFrame frame;
  frame.set_first_seq(1);
  v1::Delta* delta = frame.add_deltas();
  delta->set_handle(1);
  delta->add_ops()->set_path("a");
  delta->mutable_ops(0)->set_put_int(1);
  *frame.add_deltas() = *delta;
  frame.mutable_deltas(0)->set_received(true);
  frame.mutable_deltas(1)->set_delivered(true);
  frame.add_opens()->set_id("id");
  frame.mutable_opens(0)->set_mode(v1::INTEREST_INVALIDATE);
  frame.add_opens()->set_id("id");
  frame.mutable_opens(1)->mutable_new_session()->set_idle_timeout_ms(60'000);
  Admitted admitted;
  EXPECT_OK(admission.Admit(frame, &admitted));
  ASSERT_EQ(admitted.inputs.size(), 2u);
  for (const Input& input : admitted.inputs) {
    EXPECT_TRUE(absl::IsUnimplemented(std::get<CommitInput>(input).admission));
  }
  ASSERT_EQ(admitted.answers.size(), 2u);
  for (const OutboxItem& answer : admitted.answers) {
    EXPECT_EQ(std::get<OpenedItem>(answer).refusal.reason, v1::UNSUPPORTED);
  }
  frame.Clear();
  frame.add_receipts()->set_handle(1);
  EXPECT_THAT(admission.Admit(frame, &admitted),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("receipts")));
  frame.Clear();
  frame.add_touches()->set_handle(1);
  EXPECT_THAT(admission.Admit(frame, &admitted),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("touches")));
  frame.Clear();
  frame.add_renames()->set_new_id("a");
  EXPECT_THAT(admission.Admit(frame, &admitted),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("renames")));
  frame.Clear();
  frame.add_locks()->set_lease_ms(1);
  EXPECT_THAT(admission.Admit(frame, &admitted),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("locks")));
  frame.Clear();
  frame.add_unlocks()->set_token(1);
  EXPECT_THAT(admission.Admit(frame, &admitted),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("locks")));
}

TEST(CheckHelloTest, NamesWhatIsWrong) {
  v1::Hello hello;
  hello.set_app("shop");
  hello.set_node_name("web-1");
  hello.set_incarnation(std::string(16, 'i'));
  EXPECT_OK(CheckHello(hello));
  hello.set_incarnation(std::string(15, 'i'));
  EXPECT_THAT(CheckHello(hello), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("16")));
  hello.set_incarnation(std::string(16, 'i'));
  hello.set_app("");
  EXPECT_THAT(CheckHello(hello), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("app")));
  hello.set_app("shop");
  hello.set_node_name("web 1");
  EXPECT_THAT(CheckHello(hello),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("node name")));
}

}  // namespace
}  // namespace sessionhub::hub
