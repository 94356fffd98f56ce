// Each role against each call of a real hub: who may make it, for which app, and what is cut from
// the answer.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sessionhub/v1/admin.grpc.pb.h"
#include "tests/support/access.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using testing::CallWith;
using ::testing::HasSubstr;
using testing::RawNode;

// Of which the first 6 bytes may be shown.
constexpr char kSecretId[] = "abcdefSECRET";
// Ends the hub.
constexpr char kLastCall[] = "Drain";
// The same of an owner.
constexpr char kOwner[] = "ownerXSECRET";
constexpr char kSecretValue[] = "a value for nobody's eyes";

using Code = grpc::StatusCode;
using Stub = v1::Admin::Stub;
using MakeCall = std::function<grpc::Status(Stub&, grpc::ClientContext*, const std::string& app)>;

template <typename Request, typename Response>
MakeCall CallOf(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  return [method](Stub& stub, grpc::ClientContext* context, const std::string& app) {
    Request request;
    if constexpr (requires { request.set_app(app); }) request.set_app(app);
    if constexpr (requires { request.set_id(app); }) request.set_id("no such session");
    if constexpr (requires { request.set_name(app); }) request.set_name("no-such-node");
    if constexpr (requires { request.owner(); }) {
      if constexpr (!requires { request.page_size(); }) request.set_owner("nobody");
    }
    Response response;
    return (stub.*method)(context, request, &response);
  };
}

struct Row {
  MakeCall call;
  // What whoever may make it is answered: the call names nothing that there is.
  grpc::StatusCode answer;
  // For the caller's own app.
  bool node;
  bool reader;
  bool admin;
  bool names_app;  // so that callers of another app are refused
};

const std::map<std::string, Row>& Table() {
  static const auto* const kTable = new std::map<std::string, Row>{
      {"GetStatus", {CallOf(&Stub::GetStatus), Code::OK, false, true, true, false}},
      {"ListNodes", {CallOf(&Stub::ListNodes), Code::OK, false, true, true, false}},
      {"ListSessions", {CallOf(&Stub::ListSessions), Code::OK, true, true, true, true}},
      {"CountSessions", {CallOf(&Stub::CountSessions), Code::OK, true, true, true, true}},
      {"GetSession", {CallOf(&Stub::GetSession), Code::NOT_FOUND, false, true, true, true}},
      {"DeleteSession", {CallOf(&Stub::DeleteSession), Code::NOT_FOUND, false, false, true, true}},
      {"DeleteSessionsOfOwner",
       {CallOf(&Stub::DeleteSessionsOfOwner), Code::OK, true, false, true, true}},
      {"DisconnectNode",
       {CallOf(&Stub::DisconnectNode), Code::NOT_FOUND, false, false, true, true}},
      // Only for admins of every app.
      {"FinalizeUpgrade",
       {CallOf(&Stub::FinalizeUpgrade), Code::FAILED_PRECONDITION, false, false, false, false}},
      {"CreateBackup",
       {CallOf(&Stub::CreateBackup), Code::FAILED_PRECONDITION, false, false, false, false}},
      {"ListBackups",
       {CallOf(&Stub::ListBackups), Code::FAILED_PRECONDITION, false, false, false, false}},
      {"Drain", {CallOf(&Stub::Drain), Code::OK, false, false, false, false}},
  };
  return *kTable;
}

class RolesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    stub_ = v1::Admin::NewStub(testing::NewChannel(hub_.endpoint()));
    for (const std::string app : {"shop", "bank"}) {
      RawNode node(hub_.endpoint(), app, "web-1", app.front(), admin_);
      v1::NodeFrame hello;
      *hello.mutable_hello() = node.MakeHello();
      hello.mutable_hello()->set_features(v1::FEATURE_LIFE);  // which has owners
      ASSERT_TRUE(node.Send(hello));
      ASSERT_TRUE(node.Receive().has_value());
      const v1::Item opened = node.Open(kSecretId);
      v1::Delta delta =
          testing::DeltaOn(opened.opened().number(), testing::PutString("cart/last", kSecretValue));
      delta.mutable_settings()->set_owner(kOwner);
      node.Commit(std::move(delta));
    }
  }

  grpc::StatusCode Ask(const std::string& call, const std::string& token, const std::string& app) {
    return Table().at(call).call(*stub_, CallWith(token).get(), app).error_code();
  }
  // Whether it got past the question who may.
  bool May(const std::string& call, const std::string& token, const std::string& app) {
    const grpc::StatusCode code = Ask(call, token, app);
    if (code == Code::PERMISSION_DENIED) return false;
    EXPECT_EQ(code, Table().at(call).answer) << call;
    return true;
  }

  testing::TokensFile tokens_;
  const std::string node_ = tokens_.Add(Role::kNode, "shop");
  const std::string reader_ = tokens_.Add(Role::kReader, "shop");
  const std::string shop_admin_ = tokens_.Add(Role::kAdmin, "shop");
  const std::string any_reader_ = tokens_.Add(Role::kReader, "*");
  const std::string admin_ = tokens_.Add(Role::kAdmin, "*");
  testing::HubProcess hub_{{"--tokens-file", tokens_.path()}};
  std::unique_ptr<Stub> stub_;
};

TEST(RolesTableTest, HasEveryCallOfTheServiceAndNoOther) {
  const auto* const service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("sessionhub.v1.Admin");
  ASSERT_NE(service, nullptr);
  std::set<std::string> calls;
  for (int i = 0; i < service->method_count(); ++i) calls.insert(service->method(i)->name());
  std::set<std::string> rows;
  for (const auto& [call, row] : Table()) rows.insert(call);
  EXPECT_EQ(rows, calls);
}

TEST_F(RolesTest, EachRoleMayMakeItsCallsOfItsApp) {
  for (const auto& [call, row] : Table()) {
    EXPECT_EQ(May(call, node_, "shop"), row.node) << call;
    EXPECT_EQ(May(call, reader_, "shop"), row.reader) << call;
    EXPECT_EQ(May(call, any_reader_, "shop"), row.reader) << call;
    EXPECT_EQ(May(call, shop_admin_, "shop"), row.admin) << call;
    if (call != kLastCall) {
      EXPECT_TRUE(May(call, admin_, "shop")) << call;
    }
  }
  EXPECT_TRUE(May(kLastCall, admin_, "shop"));
}

TEST_F(RolesTest, NobodyReachesAnotherApp) {
  for (const auto& [call, row] : Table()) {
    for (const std::string& token : {node_, reader_, shop_admin_}) {
      if (row.names_app) {
        EXPECT_FALSE(May(call, token, "bank")) << call;
      }
    }
    EXPECT_EQ(May(call, any_reader_, "bank"), row.reader) << call;
    if (call != kLastCall) {
      EXPECT_TRUE(May(call, admin_, "bank")) << call;
    }
  }
}

TEST_F(RolesTest, WithoutATokenNothingIsAnswered) {
  for (const auto& [call, row] : Table()) {
    EXPECT_EQ(Ask(call, "", "shop"), grpc::StatusCode::UNAUTHENTICATED) << call;
    EXPECT_EQ(Ask(call, "anything", "shop"), grpc::StatusCode::UNAUTHENTICATED) << call;
  }
}

TEST_F(RolesTest, OnlyNodesAndAdminsOfTheAppAttach) {
  const auto attach = [this](const std::string& token, const std::string& app) {
    RawNode node(hub_.endpoint(), app, "web-2", 'b', token);
    return node.Attach().has_attached() ? grpc::Status::OK : node.Finish();
  };
  EXPECT_TRUE(attach(node_, "shop").ok());
  EXPECT_TRUE(attach(shop_admin_, "shop").ok());
  EXPECT_TRUE(attach(admin_, "bank").ok());
  const grpc::Status other_app = attach(node_, "bank");
  EXPECT_EQ(other_app.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(other_app.error_message(), HasSubstr("a token for app bank"));
  const grpc::Status reads_only = attach(reader_, "shop");
  EXPECT_EQ(reads_only.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(reads_only.error_message(), HasSubstr("role node, admin"));
  const grpc::Status nobody = attach("", "shop");
  EXPECT_EQ(nobody.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(nobody.error_message(), HasSubstr("sessionhubctl tokens create"));
}

TEST_F(RolesTest, OnlyAdminsGetWholeIds) {
  v1::ListSessionsRequest request;
  request.set_app("shop");
  v1::ListSessionsResponse page;
  ASSERT_TRUE(stub_->ListSessions(CallWith(shop_admin_).get(), request, &page).ok());
  ASSERT_EQ(page.sessions_size(), 1);
  EXPECT_EQ(page.sessions(0).id(), kSecretId);
  EXPECT_FALSE(page.sessions(0).id_cut());
  const std::string hash = page.sessions(0).id_hash();
  EXPECT_EQ(hash.size(), 16u);
  for (const std::string& token : {reader_, node_, any_reader_}) {
    ASSERT_TRUE(stub_->ListSessions(CallWith(token).get(), request, &page).ok());
    ASSERT_EQ(page.sessions_size(), 1);
    EXPECT_EQ(page.sessions(0).id(), "abcdef");
    EXPECT_TRUE(page.sessions(0).id_cut());
    EXPECT_EQ(page.sessions(0).id_hash(), hash);
    EXPECT_EQ(page.SerializeAsString().find("SECRET"), std::string::npos);
  }
  request.set_cut_ids(true);
  ASSERT_TRUE(stub_->ListSessions(CallWith(shop_admin_).get(), request, &page).ok());
  EXPECT_EQ(page.sessions(0).id(), "abcdef");
  EXPECT_EQ(page.SerializeAsString().find("SECRET"), std::string::npos);
}

TEST_F(RolesTest, OnlyAdminsGetWholeOwners) {
  v1::ListSessionsRequest request;
  request.set_app("shop");
  v1::ListSessionsResponse page;
  ASSERT_TRUE(stub_->ListSessions(CallWith(shop_admin_).get(), request, &page).ok());
  ASSERT_EQ(page.sessions_size(), 1);
  EXPECT_EQ(page.sessions(0).owner(), kOwner);
  EXPECT_FALSE(page.sessions(0).owner_cut());
  const std::string hash = page.sessions(0).owner_hash();
  EXPECT_EQ(hash.size(), 16u);
  for (const std::string& token : {reader_, node_}) {
    request.clear_owner();
    ASSERT_TRUE(stub_->ListSessions(CallWith(token).get(), request, &page).ok());
    ASSERT_EQ(page.sessions_size(), 1);
    EXPECT_EQ(page.sessions(0).owner(), "ownerX");
    EXPECT_TRUE(page.sessions(0).owner_cut());
    EXPECT_EQ(page.sessions(0).owner_hash(), hash);
    // Who names an owner has it.
    request.set_owner(kOwner);
    ASSERT_TRUE(stub_->ListSessions(CallWith(token).get(), request, &page).ok());
    ASSERT_EQ(page.sessions_size(), 1);
    EXPECT_EQ(page.sessions(0).owner(), kOwner);
    EXPECT_FALSE(page.sessions(0).owner_cut());
    EXPECT_EQ(page.sessions(0).id(), "abcdef");
  }
}

TEST_F(RolesTest, AReaderPagesWithoutSeeingIds) {
  RawNode node(hub_.endpoint(), "shop", "web-1", 'c', node_);
  node.Attach();
  constexpr int kMore = 5;
  for (int i = 0; i < kMore; ++i) node.Open("another" + std::to_string(i) + "SECRET");
  v1::ListSessionsRequest request;
  request.set_app("shop");
  request.set_page_size(2);
  int seen = 0;
  do {
    v1::ListSessionsResponse page;
    ASSERT_TRUE(stub_->ListSessions(CallWith(reader_).get(), request, &page).ok());
    EXPECT_EQ(page.SerializeAsString().find("SECRET"), std::string::npos);
    seen += page.sessions_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, kMore + 1);
  request.set_page_token("\x01made up");
  v1::ListSessionsResponse page;
  EXPECT_EQ(stub_->ListSessions(CallWith(reader_).get(), request, &page).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(RolesTest, AReaderGetsPathsAndSizesButNoValues) {
  v1::GetSessionRequest request;
  request.set_app("shop");
  request.set_id(kSecretId);
  v1::GetSessionResponse session;
  ASSERT_TRUE(stub_->GetSession(CallWith(reader_).get(), request, &session).ok());
  EXPECT_EQ(session.fields_size(), 0);
  ASSERT_EQ(session.sizes_size(), 1);
  EXPECT_EQ(session.sizes(0).path(), "cart/last");
  EXPECT_EQ(session.sizes(0).bytes(), sizeof(kSecretValue) - 1);
  EXPECT_EQ(session.summary().id(), "abcdef");
  EXPECT_EQ(session.summary().owner(), "ownerX");
  EXPECT_TRUE(session.summary().owner_cut());
  EXPECT_EQ(session.SerializeAsString().find("nobody's eyes"), std::string::npos);
  EXPECT_EQ(session.SerializeAsString().find("SECRET"), std::string::npos);
  ASSERT_TRUE(stub_->GetSession(CallWith(shop_admin_).get(), request, &session).ok());
  ASSERT_EQ(session.fields_size(), 1);
  EXPECT_EQ(session.fields(0).put_string(), kSecretValue);
  EXPECT_EQ(session.summary().owner(), kOwner);
  EXPECT_EQ(session.sizes_size(), 0);
}

TEST_F(RolesTest, NodesAreListedToTheirOwnAppOnly) {
  v1::ListNodesResponse nodes;
  ASSERT_TRUE(stub_->ListNodes(CallWith(reader_).get(), {}, &nodes).ok());
  ASSERT_EQ(nodes.nodes_size(), 1);
  EXPECT_EQ(nodes.nodes(0).app(), "shop");
  EXPECT_EQ(nodes.nodes(0).incarnation().size(), 4u);
  ASSERT_TRUE(stub_->ListNodes(CallWith(admin_).get(), {}, &nodes).ok());
  EXPECT_EQ(nodes.nodes_size(), 2);
  EXPECT_EQ(nodes.nodes(0).incarnation().size(), 16u);
}

}  // namespace
}  // namespace sessionhub
