// TLS and mutual TLS with a real hub and certificates of the test's own authorities.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "sessionhub/client.h"
#include "tests/support/access.h"
#include "tests/support/hub_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::CertificateAuthority;
using testing::CertificateFiles;
using ::testing::HasSubstr;
using testing::StatusIs;
using testing::WaitFor;

constexpr char kHere[] = "DNS:localhost,IP:127.0.0.1";

// Counts the streams of a client that have ended.
class Ends {
 public:
  void Add(const std::string& line) {
    absl::MutexLock lock(&mutex_);
    if (line.find("stream ended") != std::string::npos) ++count_;
  }
  int count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

 private:
  mutable absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class TlsHubTest : public ::testing::Test {
 protected:
  void StartHub(const CertificateFiles& files, const std::string& client_ca = "") {
    std::vector<std::string> options = {"--tls-certificate", files.certificate, "--tls-key",
                                        files.key};
    if (!client_ca.empty()) options.insert(options.end(), {"--tls-client-ca", client_ca});
    hub_.emplace(options);
    ASSERT_OK(hub_->Start());
  }
  Client Connect(const std::optional<TlsOptions>& tls, const std::shared_ptr<Ends>& ends,
                 const std::string& node_name = "web-1") {
    ClientOptions options = testing::QuickOptions(hub_->endpoint(), node_name);
    options.tls = tls;
    options.log_sink = [ends](LogSeverity, const std::string& line) { ends->Add(line); };
    return Client::Connect(std::move(options)).value();
  }
  // Whether such a client gets in; it has then been tried to the end.
  bool GetsIn(const std::optional<TlsOptions>& tls) {
    const auto ends = std::make_shared<Ends>();
    Client client = Connect(tls, ends, "web-2");
    EXPECT_TRUE(WaitFor([&] { return client.attached() || ends->count() > 0; }));
    return client.attached();
  }
  static TlsOptions Trusting(const std::string& ca) {
    TlsOptions tls;
    tls.ca_file = ca;
    return tls;
  }
  static TlsOptions Showing(const CertificateFiles& files, const std::string& ca) {
    TlsOptions tls = Trusting(ca);
    tls.certificate_file = files.certificate;
    tls.key_file = files.key;
    return tls;
  }

  CertificateAuthority authority_{"authority"};
  CertificateAuthority stranger_{"stranger"};
  std::optional<testing::HubProcess> hub_;
};

TEST_F(TlsHubTest, AHubWithTheRightCertificateIsTrusted) {
  StartHub(authority_.Issue("hub", kHere));
  const auto ends = std::make_shared<Ends>();
  Client client = Connect(Trusting(authority_.root()), ends);
  auto session = testing::OpenOrCreate(client, "session-1");
  ASSERT_OK(session);
  Edit edit = session->Begin();
  edit.Set("n", int64_t{1});
  EXPECT_TRUE(testing::Apply(std::move(edit)).applied());
  EXPECT_OK(client.CountSessions("", testing::kPatience));
}

TEST_F(TlsHubTest, AHubOfAnotherAuthorityIsNot) {
  StartHub(authority_.Issue("hub", kHere));
  EXPECT_FALSE(GetsIn(Trusting(stranger_.root())));
  EXPECT_TRUE(GetsIn(Trusting(authority_.root())));
}

TEST_F(TlsHubTest, AnExpiredCertificateIsNotTrusted) {
  StartHub(authority_.Issue("hub", kHere, -1));
  EXPECT_THAT(hub_->log(), HasSubstr("event=certificate_not_valid"));
  EXPECT_FALSE(GetsIn(Trusting(authority_.root())));
}

TEST_F(TlsHubTest, ACertificateOfAnotherNameIsNotTrustedUnlessThatIsMeant) {
  StartHub(authority_.Issue("hub", "DNS:hub.example"));
  TlsOptions tls = Trusting(authority_.root());
  EXPECT_FALSE(GetsIn(tls));
  tls.server_name = "hub.example";
  EXPECT_TRUE(GetsIn(tls));
  tls.server_name = "other.example";
  EXPECT_FALSE(GetsIn(tls));
}

TEST_F(TlsHubTest, PlaintextDoesNotGetIn) {
  StartHub(authority_.Issue("hub", kHere));
  EXPECT_FALSE(GetsIn(std::nullopt));
}

// Strangers make gRPC write a line each: they are the hub's own, which are bounded.
TEST_F(TlsHubTest, HandshakesThatFailAreToldInTheHubsOwnLines) {
  StartHub(authority_.Issue("hub", kHere));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(GetsIn(std::nullopt));
  ASSERT_TRUE(WaitFor([&] { return hub_->log().find("event=grpc_error") != std::string::npos; }));
  std::istringstream log(hub_->log());
  int lines = 0;
  for (std::string line; std::getline(log, line);) {
    if (line.find("ssl_transport_security.cc:") == std::string::npos) continue;
    ++lines;
    EXPECT_THAT(line, HasSubstr("event=grpc_error place=ssl_transport_security.cc:"));
    EXPECT_THAT(line, HasSubstr(" unwritten="));
  }
  EXPECT_GT(lines, 0);
}

TEST_F(TlsHubTest, TlsDoesNotGetIntoAHubOfPlaintext) {
  hub_.emplace();
  ASSERT_OK(hub_->Start());
  EXPECT_FALSE(GetsIn(Trusting(authority_.root())));
  EXPECT_TRUE(GetsIn(std::nullopt));
}

TEST_F(TlsHubTest, OfClientsACertificateMayBeAskedFor) {
  CertificateAuthority clients("clients");
  const std::string ca = authority_.root();
  StartHub(authority_.Issue("hub", kHere), clients.root());
  EXPECT_FALSE(GetsIn(Trusting(ca)));
  EXPECT_FALSE(GetsIn(Showing(stranger_.Issue("web-1", kHere), ca)));
  EXPECT_FALSE(GetsIn(Showing(clients.Issue("web-2", kHere, -1), ca)));
  EXPECT_TRUE(GetsIn(Showing(clients.Issue("web-3", kHere), ca)));
}

TEST_F(TlsHubTest, ACertificateIsReplacedWithoutARestart) {
  const CertificateFiles files = authority_.Issue("hub", kHere);
  StartHub(files);
  const auto ends = std::make_shared<Ends>();
  Client before = Connect(Trusting(authority_.root()), ends);
  auto session = testing::OpenOrCreate(before, "session-1");
  ASSERT_OK(session);
  const CertificateFiles fresh = stranger_.Issue("hub", kHere);
  testing::ReplaceFile(fresh.key, files.key);
  testing::ReplaceFile(fresh.certificate, files.certificate);
  ASSERT_TRUE(WaitFor([&] { return GetsIn(Trusting(stranger_.root())); }));
  EXPECT_FALSE(GetsIn(Trusting(authority_.root())));
  // The connection that stood stands.
  Edit edit = session->Begin();
  edit.Set("n", int64_t{1});
  EXPECT_TRUE(testing::Apply(std::move(edit)).applied());
  EXPECT_EQ(ends->count(), 0);
}

TEST_F(TlsHubTest, AKeyThatEverybodyMayReadStopsTheStart) {
  const CertificateFiles files = authority_.Issue("hub", kHere);
  ASSERT_EQ(chmod(files.key.c_str(), 0644), 0);
  testing::HubProcess hub({"--tls-certificate", files.certificate, "--tls-key", files.key});
  EXPECT_EQ(*hub.RunToItsEnd(), 1);
  EXPECT_THAT(hub.log(), HasSubstr("chmod 600 " + files.key));
}

TEST_F(TlsHubTest, BeyondLoopbackTheMessageSaysWhatIsMissing) {
  testing::HubProcess hub({"--listen", "0.0.0.0:0"});
  EXPECT_EQ(*hub.RunToItsEnd(), 2);
  EXPECT_THAT(hub.log(), HasSubstr("--tls-certificate"));
  EXPECT_THAT(hub.log(), HasSubstr("--tokens-file"));
}

TEST_F(TlsHubTest, FilesThatCannotBeReadAreToldAtConnect) {
  ClientOptions options = testing::QuickOptions("127.0.0.1:1", "web-1");
  options.tls = Trusting("/nowhere/ca.pem");
  EXPECT_THAT(Client::Connect(options),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/ca.pem")));
  options.tls = Trusting(authority_.root());
  options.tls->key_file = authority_.root();
  EXPECT_THAT(Client::Connect(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("belong together")));
  options.tls.reset();
  options.token = "with a space";
  EXPECT_THAT(Client::Connect(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("without spaces")));
}

}  // namespace
}  // namespace sessionhub
