#include "hub/metrics/http_server.h"

#include <gmock/gmock.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::Start(
        "127.0.0.1:0", {{"/readyz",
                         [] {
                           return HttpServer::Answer{503, "not yet\n"};
                         }},
                        {"/large", [] {
                           return HttpServer::Answer{200, std::string(kLargeBytes, 'x')};
                         }}});
    ASSERT_OK(server);
    server_ = *std::move(server);
  }

  static constexpr size_t kLargeBytes = 4 << 20;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersWithThePagesCodeAndBody) {
  httplib::Client client("127.0.0.1", server_->port());
  const auto ready = client.Get("/readyz");
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->status, 503);
  EXPECT_EQ(ready->body, "not yet\n");
  const auto large = client.Get("/large");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->status, 200);
  EXPECT_EQ(large->body.size(), kLargeBytes);
}

TEST_F(HttpServerTest, AHeadHasNoBody) {
  const auto head = httplib::Client("127.0.0.1", server_->port()).Head("/readyz");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 503);
  EXPECT_EQ(head->get_header_value("Content-Length"), "8");
  EXPECT_EQ(head->body, "");
}

TEST_F(HttpServerTest, NothingElseIsAnswered) {
  httplib::Client client("127.0.0.1", server_->port());
  const auto post = client.Post("/readyz", "text", "text/plain");
  ASSERT_TRUE(post);
  EXPECT_EQ(post->status, 405);
  for (const char* path : {"/", "/etc/passwd", "/../etc/passwd", "/readyzz"}) {
    const auto other = client.Get(path);
    ASSERT_TRUE(other) << path;
    EXPECT_EQ(other->status, 404) << path;
  }
}

TEST_F(HttpServerTest, AHostMayBeAName) {
  auto server = HttpServer::Start("localhost:0", {});
  ASSERT_OK(server);
  EXPECT_GT((*server)->port(), 0);
}

TEST_F(HttpServerTest, ItsEndIsNotHeldUpByAConnectionThatSaysNothing) {
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(server_->port()));
  ASSERT_EQ(connect(silent, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  server_.reset();  // returns: one that no thread had taken up yet is closed with this process
  close(silent);
}

TEST_F(HttpServerTest, AnAddressInUseIsNamed) {
  const std::string address = "127.0.0.1:" + std::to_string(server_->port());
  EXPECT_THAT(HttpServer::Start(address, {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(address)));
}

}  // namespace
}  // namespace sessionhub::hub
