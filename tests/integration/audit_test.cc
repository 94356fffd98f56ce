// The audit of a real hub: who attached and who called what; and that neither it nor the log holds
// a whole session id, a value or a token.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "sessionhub/v1/admin.grpc.pb.h"
#include "sessionhub/v1/hub.grpc.pb.h"
#include "tests/support/access.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using nlohmann::json;
using testing::CallWith;
using ::testing::ElementsAre;
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
  const json nobody = LineWith(lines, "refused", "GetStatus");
  EXPECT_EQ(nobody["outcome"], "UNAUTHENTICATED");
  EXPECT_FALSE(nobody.contains("token"));
}

TEST_F(AuditTest, SaysWhichTokenWasClaimedAndForWhat) {
  TokenText guess = *ParseToken(admin_);
  guess.secret = std::string(64, 'f');
  v1::DrainResponse drained;
  EXPECT_FALSE(stub_->Drain(CallWith(guess.ToText()).get(), {}, &drained).ok());
  RawNode(hub_.endpoint(), "shop", "web-1", 'a', "anything").Finish();
  const std::vector<json> lines = End();
  const json call = LineWith(lines, "refused", "Drain");
  EXPECT_EQ(call["token"], guess.id);
  EXPECT_FALSE(call.contains("role"));
  EXPECT_FALSE(LineWith(lines, "refused", "Attach").contains("token"));
  EXPECT_THAT(text_, Not(HasSubstr(guess.secret)));
}

TEST_F(AuditTest, SaysWhoWasTurnedAway) {
  RawNode other_app(hub_.endpoint(), "bank", "web-1", 'a', node_);
  other_app.Attach();
  EXPECT_EQ(other_app.Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
  RawNode no_name(hub_.endpoint(), "shop", "", 'b', node_);
  no_name.Attach();
  EXPECT_EQ(no_name.Farewell().why(), v1::Goodbye::INVALID_HELLO);
  const std::vector<json> lines = End();
  ASSERT_EQ(lines.size(), 2u) << text_;
  for (const json& line : lines) {
    EXPECT_EQ(line["event"], "attach");
    EXPECT_EQ(line["token"], ParseToken(node_)->id);
  }
  EXPECT_EQ(lines[0]["app"], "bank");
  EXPECT_EQ(lines[0]["outcome"], "PERMISSION_DENIED");
  EXPECT_FALSE(lines[1].contains("app")) << "what a wrong hello says is not repeated";
  EXPECT_EQ(lines[1]["outcome"], "INVALID_ARGUMENT");
}

// An app that is at its most, and then a hub that is.
class FullHubAuditTest : public ::testing::Test {
 protected:
  // The outcomes of its lines about attaches.
  std::vector<std::string> Outcomes(testing::HubProcess* hub) const {
    hub->Terminate();
    EXPECT_OK(hub->Wait());
    std::vector<std::string> outcomes;
    std::ifstream file(audit_file_);
    for (std::string line; std::getline(file, line);) {
      const json entry = json::parse(line);
      if (entry["event"] == "attach") outcomes.push_back(entry["outcome"]);
    }
    return outcomes;
  }

  const testing::TemporaryFolder folder_;
  const std::string audit_file_ = folder_.path() + "/audit";
};

TEST_F(FullHubAuditTest, SaysWhoFoundNoPlaceInHisApp) {
  testing::HubProcess hub({"--audit-file", audit_file_, "--app-streams-max", "1"});
  ASSERT_OK(hub.Start());
  RawNode one(hub.endpoint(), "shop", "web-1", 'a');
  ASSERT_TRUE(one.Attach().has_attached());
  RawNode two(hub.endpoint(), "shop", "web-2", 'b');
  two.Attach();
  EXPECT_EQ(two.Farewell().why(), v1::Goodbye::BUSY);
  EXPECT_THAT(Outcomes(&hub), ElementsAre("OK", "UNAVAILABLE"));
}

TEST_F(FullHubAuditTest, SaysWhoFoundNoPlaceAtTheHub) {
  testing::HubProcess hub({"--audit-file", audit_file_, "--nodes-max", "1"});
  ASSERT_OK(hub.Start());
  RawNode one(hub.endpoint(), "shop", "web-1", 'a');
  ASSERT_TRUE(one.Attach().has_attached());
  RawNode two(hub.endpoint(), "shop", "web-2", 'b');
  two.Attach();
  EXPECT_EQ(two.Farewell().why(), v1::Goodbye::BUSY);
  EXPECT_THAT(Outcomes(&hub), ElementsAre("OK", "UNAVAILABLE"));
}

// Streams that say nothing take places, too: one for each node, and a thousand more.
TEST_F(FullHubAuditTest, SaysWhoFoundNoStreamAtTheHub) {
  constexpr int kChannels = 10;
  constexpr int kStreamsOfChannel = 110;
  testing::HubProcess hub({"--audit-file", audit_file_, "--nodes-max", "1"});
  ASSERT_OK(hub.Start());
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<v1::Hub::Stub>> stubs;
  std::vector<std::unique_ptr<grpc::ClientReaderWriter<v1::NodeFrame, v1::HubFrame>>> streams;
  for (int i = 0; i < kChannels * kStreamsOfChannel; ++i) {
    if (i % kStreamsOfChannel == 0) {
      stubs.push_back(v1::Hub::NewStub(testing::NewChannel(hub.endpoint())));
    }
    contexts.push_back(CallWith(""));
    streams.push_back(stubs.back()->Attach(contexts.back().get()));
  }
  const auto first_line = [this] {
    std::ifstream file(audit_file_);
    std::string line;
    return std::getline(file, line) && !file.eof() ? line : std::string();
  };
  ASSERT_TRUE(testing::WaitFor([&] { return !first_line().empty(); }));
  const json line = json::parse(first_line());
  EXPECT_EQ(line["event"], "attach");
  EXPECT_EQ(line["outcome"], "UNAVAILABLE");
  for (const auto& context : contexts) context->TryCancel();
  for (const auto& stream : streams) stream->Finish();
}

TEST_F(FullHubAuditTest, SaysWhatABackupHasDone) {
  testing::HubProcess hub({"--audit-file", audit_file_, "--backup-dir", folder_.path() + "/kept"});
  ASSERT_OK(hub.Start());
  const auto stub = v1::Admin::NewStub(testing::NewChannel(hub.endpoint()));
  v1::CreateBackupRequest request;
  request.set_keep(1);
  v1::CreateBackupResponse made;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(stub->CreateBackup(CallWith("").get(), request, &made).ok());
  }
  hub.Terminate();
  EXPECT_OK(hub.Wait());
  std::ifstream file(audit_file_);
  std::string line;
  std::getline(file, line);
  std::getline(file, line);
  const json second = json::parse(line);
  EXPECT_EQ(second["call"], "CreateBackup");
  EXPECT_EQ(second["keep"], 1);
  EXPECT_EQ(second["backup"], 2);
  EXPECT_EQ(second["removed"], json::array({1}));
}

TEST(AuditStartTest, AFileThatOthersMayReadStopsTheStart) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/audit";
  std::ofstream(path) << "";
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  testing::HubProcess hub({"--audit-file", path});
  EXPECT_EQ(*hub.RunToItsEnd(), 1);
  EXPECT_THAT(hub.log(), HasSubstr("chmod 600 " + path));
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
