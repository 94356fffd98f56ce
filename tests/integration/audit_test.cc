// The audit of a real hub: who attached and who called what; and that neither it nor the log holds
// a whole session id, a value or a token.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "sessionhub/v1/admin.grpc.pb.h"
#include "tests/support/access.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub {
namespace {

using nlohmann::json;
using testing::CallWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawNode;

constexpr char kAuditedId[] = "abcdef-WHOLE-ID";
constexpr char kAuditedValue[] = "THE-VALUE";
constexpr char kAuditedOwner[] = "THE-OWNER";

class AuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    stub_ = v1::Admin::NewStub(testing::NewChannel(hub_.endpoint()));
  }
  // Everything is written once the hub has ended.
  std::vector<json> End() {
    hub_.Terminate();
    EXPECT_OK(hub_.Wait());
    std::ifstream file(audit_file_);
    std::vector<json> lines;
    for (std::string line; std::getline(file, line);) {
      text_ += line + "\n";
      lines.push_back(json::parse(line));
    }
    return lines;
  }
  // The only line with this event, and this call if it is one.
  static json LineWith(const std::vector<json>& lines, const std::string& event,
                       const std::string& call = "") {
    json found;
    for (const json& line : lines) {
      if (line["event"] != event || line.value("call", "") != call) continue;
      EXPECT_TRUE(found.is_null()) << line;
      found = line;
    }
    EXPECT_FALSE(found.is_null()) << event << " " << call;
    return found;
  }
  void UseTheHub() {
    RawNode node(hub_.endpoint(), "shop", "web-1", 'a', node_);
    ASSERT_TRUE(node.Attach().has_attached());
    const v1::Item opened = node.Open(kAuditedId);
    node.Commit(
        testing::DeltaOn(opened.opened().number(), testing::PutString("cart/last", kAuditedValue)));
    v1::GetSessionRequest get;
    get.set_app("shop");
    get.set_id(kAuditedId);
    v1::GetSessionResponse session;
    EXPECT_TRUE(stub_->GetSession(CallWith(admin_).get(), get, &session).ok());
    hash_ = session.summary().id_hash();
    v1::DeleteSessionsOfOwnerRequest remove;
    remove.set_app("shop");
    remove.set_owner(kAuditedOwner);
    v1::DeleteSessionsOfOwnerResponse removed;
    EXPECT_TRUE(stub_->DeleteSessionsOfOwner(CallWith(node_).get(), remove, &removed).ok());
    v1::DeleteSessionRequest remove_one;
    remove_one.set_app("shop");
    remove_one.set_id(kAuditedId);
    v1::DeleteSessionResponse removed_one;
    EXPECT_FALSE(stub_->DeleteSession(CallWith(node_).get(), remove_one, &removed_one).ok());
    v1::GetStatusResponse status;
    EXPECT_FALSE(stub_->GetStatus(CallWith("").get(), {}, &status).ok());
  }

  const testing::TemporaryFolder folder_;
  const std::string audit_file_ = folder_.path() + "/audit";
  testing::TokensFile tokens_;
  const std::string node_ = tokens_.Add(Role::kNode, "shop");
  const std::string admin_ = tokens_.Add(Role::kAdmin, "*");
  testing::HubProcess hub_{{"--tokens-file", tokens_.path(), "--audit-file", audit_file_}};
  std::unique_ptr<v1::Admin::Stub> stub_;
  std::string hash_;
  std::string text_;
};

TEST_F(AuditTest, SaysWhoDidWhat) {
  UseTheHub();
  const std::vector<json> lines = End();
  const std::string node_id = ParseToken(node_)->id;
  const json attach = LineWith(lines, "attach");
  EXPECT_EQ(attach["token"], node_id);
  EXPECT_EQ(attach["role"], "node");
  EXPECT_EQ(attach["app"], "shop");
  EXPECT_EQ(attach["node"], "web-1");
  EXPECT_EQ(attach["outcome"], "OK");
  EXPECT_THAT(attach["peer"], HasSubstr("127.0.0.1:"));
  EXPECT_EQ(LineWith(lines, "detach")["node"], "web-1");
  const json get = LineWith(lines, "call", "GetSession");
  EXPECT_EQ(get["token"], ParseToken(admin_)->id);
  EXPECT_EQ(get["session"], "abcdef");
  EXPECT_EQ(get["hash"], hash_);
  EXPECT_EQ(get["full_ids"], true);
  EXPECT_EQ(get["outcome"], "OK");
  EXPECT_FALSE(LineWith(lines, "call", "DeleteSessionsOfOwner")["owner_hash"].empty());
  const json refused = LineWith(lines, "call", "DeleteSession");
  EXPECT_EQ(refused["outcome"], "PERMISSION_DENIED");
  EXPECT_EQ(refused["hash"], hash_);
  EXPECT_EQ(LineWith(lines, "refused")["outcome"], "UNAUTHENTICATED");
}

TEST_F(AuditTest, HoldsNoWholeIdNoValueAndNoToken) {
  UseTheHub();
  End();
  EXPECT_THAT(text_, HasSubstr("GetSession"));
  for (const std::string& text : {text_, hub_.log()}) {
    EXPECT_THAT(text, Not(HasSubstr("WHOLE-ID")));
    EXPECT_THAT(text, Not(HasSubstr(kAuditedValue)));
    EXPECT_THAT(text, Not(HasSubstr(kAuditedOwner)));
    EXPECT_THAT(text, Not(HasSubstr(ParseToken(node_)->secret)));
    EXPECT_THAT(text, Not(HasSubstr(ParseToken(admin_)->secret)));
  }
}

TEST_F(AuditTest, HashesStayTheSameFromStartToStart) {
  UseTheHub();
  const std::string before = hash_;
  End();
  ASSERT_OK(hub_.Start());
  v1::GetSessionRequest get;
  get.set_app("shop");
  get.set_id(kAuditedId);
  v1::GetSessionResponse session;
  EXPECT_TRUE(stub_->GetSession(CallWith(admin_).get(), get, &session).ok());
  EXPECT_EQ(session.summary().id_hash(), before);
}

}  // namespace
}  // namespace sessionhub
