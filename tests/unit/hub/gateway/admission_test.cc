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
    EXPECT_EQ(admitted_.inputs.size() + admitted_.refused_opens.size(), 1u);
    if (admitted_.refused_opens.empty()) return 0;
    return std::get<OpenedItem>(admitted_.refused_opens[0]).refusal.reason;
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

  Admission admission_{SmallLimits(), {4, 2}, "shop", 9};
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

// ---- what breaks the contract ----

TEST_F(AdmissionTest, ASecondHelloBreaksTheContract) {
  v1::NodeFrame frame;
  frame.mutable_hello();
  EXPECT_THAT(Admit(frame), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("hello")));
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
  v1::Delta delta = PutDelta("a", "x");
  delta.set_if_version(3);
  EXPECT_THAT(AdmitDelta(delta), StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("")));
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
  open.set_mode(v1::INTEREST_INVALIDATE);
  EXPECT_EQ(AdmitOpen(open), v1::UNSUPPORTED);
  open = OpenOf("id");
  open.mutable_new_session()->set_idle_timeout_ms(1);
  EXPECT_EQ(AdmitOpen(open), v1::UNSUPPORTED);
  open.mutable_new_session()->Clear();
  EXPECT_EQ(AdmitOpen(open), 0);
}

TEST_F(AdmissionTest, ARefusedOpenEchoesItsRequest) {
  v1::Open open = OpenOf("");
  open.set_request(31);
  AdmitOpen(open);
  EXPECT_EQ(std::get<OpenedItem>(admitted_.refused_opens.at(0)).request, 31u);
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
