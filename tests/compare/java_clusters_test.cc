// Real Tomcats, and a real Terracotta server, in network namespaces: what one node has answered,
// the others come to know.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "bench/compare/http_connection.h"
#include "bench/compare/namespace_bed.h"
#include "bench/compare/strategies.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_for.h"

namespace sessionhub::bench {
namespace {

class JavaCluster : public ::testing::Test {
 protected:
  explicit JavaCluster(std::string strategy) : strategy_(std::move(strategy)) {}

  void SetUp() override {
    absl::StatusOr<std::unique_ptr<TestBed>> bed = MakeNamespaceBed();
    if (absl::IsPermissionDenied(bed.status()) || absl::IsNotFound(bed.status())) {
      GTEST_SKIP() << bed.status();
    }
    ASSERT_OK(bed);
    bed_ = *std::move(bed);
    const ComparedStrategy* const strategy = FindStrategy(strategy_);
    ASSERT_NE(strategy, nullptr);
    ClusterOptions options;
    options.folder = folder_.path();
    cluster_ = strategy->make(bed_.get(), options);
    const absl::Status started = cluster_->Start();
    if (absl::IsNotFound(started)) GTEST_SKIP() << started;
    ASSERT_OK(started);
  }

  // Status 0 says that there was no answer, and the body why.
  HttpAnswer Get(size_t node, const std::string& path, const std::string& session_id) {
    return Answer(HttpConnection(cluster_->FrontAddress(node), "").Get(path, session_id));
  }
  HttpAnswer Post(size_t node, const std::string& path, const std::string& session_id,
                  const std::string& body) {
    return Answer(HttpConnection(cluster_->FrontAddress(node), "").Post(path, session_id, body));
  }
  static HttpAnswer Answer(absl::StatusOr<HttpAnswer> answer) {
    if (answer.ok()) return *std::move(answer);
    return {0, std::string(answer.status().message()), ""};
  }

  // Waits until the node's copy of the session has these fields.
  bool ComesToHave(size_t node, const std::string& session_id, const std::string& fields) {
    return testing::WaitFor([&] {
      const HttpAnswer dump = Get(node, "/dump", session_id);
      return dump.status == 200 && dump.body == fields;
    });
  }

  // Makes the change at node 0 until node 1 has found it. With DeltaManager's asynchronous messages
  // one that meets another about the same session may be lost, and node 1 sends one for each look.
  bool ComesAcross(const std::string& session_id, const std::string& change,
                   const std::string& fields) {
    return testing::WaitFor([&] {
      return Post(0, "/change", session_id, change).status == 200 &&
             Get(1, "/dump", session_id).body == fields;
    });
  }

  const std::string strategy_;
  const testing::TemporaryFolder folder_;
  std::unique_ptr<TestBed> bed_;
  std::unique_ptr<Cluster> cluster_;
};

class EachJavaCluster : public JavaCluster, public ::testing::WithParamInterface<std::string> {
 protected:
  EachJavaCluster() : JavaCluster(GetParam()) {}
};

// Each step waits for the one before to be known. DeltaManager's asynchronous messages overtake
// each other, so that one which changes a session that is not known yet would be lost.
TEST_P(EachJavaCluster, AChangeAtOneNodeIsFoundAtTheOther) {
  const HttpAnswer created = Post(0, "/create", "", "");
  ASSERT_EQ(created.status, 200) << created.body;
  const std::string id = created.session_id;
  ASSERT_FALSE(id.empty());
  ASSERT_TRUE(ComesToHave(1, id, ""));
  ASSERT_TRUE(ComesAcross(id, "f00=old\nf01=kept\n", "f00=old\nf01=kept\n"));
  EXPECT_TRUE(ComesAcross(id, "f00=new\n", "f00=new\nf01=kept\n"));
  EXPECT_EQ(Get(1, "/read?field=f01", id).body, "kept");
  const HttpAnswer none = Get(1, "/read?field=f99", id);
  EXPECT_EQ(none.status, 200);
  EXPECT_EQ(none.body, "");
  EXPECT_EQ(Get(1, "/dump", "0123456789ABCDEF").status, 404);
  EXPECT_EQ(Post(1, "/change", "", "f00=a\n").status, 404);
  EXPECT_EQ(Post(1, "/create", "", "no equals sign\n").status, 500);
  EXPECT_OK(cluster_->Stop());
  EXPECT_TRUE(cluster_->NodePids(0).empty());
}

INSTANTIATE_TEST_SUITE_P(Strategy, EachJavaCluster,
                         ::testing::Values("tomcat_delta_async", "tomcat_delta_sync",
                                           "tomcat_backup", "terracotta"),
                         [](const auto& strategy) { return strategy.param; });

class TomcatBackup : public JavaCluster {
 protected:
  TomcatBackup() : JavaCluster("tomcat_backup") {}
};

TEST_F(TomcatBackup, ASessionOutlivesTheNodeThatMadeIt) {
  EXPECT_EQ(Get(1, "/ready?peers=7", "").status, 503) << "it has one";
  const std::string id = Post(0, "/create", "", "f00=a\n").session_id;
  ASSERT_OK(cluster_->KillNode(0));
  EXPECT_EQ(cluster_->KillNode(0).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(ComesToHave(1, id, "f00=a\n"));
  ASSERT_OK(cluster_->StartNode(0));
  EXPECT_TRUE(ComesToHave(0, id, "f00=a\n")) << "it knows where the session is";
  EXPECT_EQ(cluster_->RestartServer().code(), absl::StatusCode::kFailedPrecondition);
}

class Terracotta : public JavaCluster {
 protected:
  Terracotta() : JavaCluster("terracotta") {}
};

TEST_F(Terracotta, ServesAgainWithNothingAfterARestartOfItsServer) {
  const std::string id = Post(0, "/create", "", "f00=a\n").session_id;
  ASSERT_OK(cluster_->KillNode(0));
  ASSERT_OK(cluster_->StartNode(0));
  EXPECT_EQ(Get(0, "/dump", id).body, "f00=a\n");
  ASSERT_OK(cluster_->RestartServer());
  EXPECT_EQ(cluster_->ServerPids().size(), 1);
  EXPECT_EQ(Get(1, "/dump", id).status, 404);
  const HttpAnswer created = Post(1, "/create", "", "f00=b\n");
  EXPECT_EQ(created.status, 200) << created.body;
}

}  // namespace
}  // namespace sessionhub::bench
