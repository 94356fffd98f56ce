// sessionhubctl with tokens and TLS: what it shows to a hub, and what it is shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/ctl/commands.h"
#include "tests/support/access.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::ctl {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kWholeId[] = "abcdefSECRET";

struct RanCtl {
  int code = -1;
  std::string out;
  std::string err;
};

class CtlAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    testing::RawNode node(hub_.endpoint(), "shop", "web-1", 'a', admin_);
    node.Attach();
    const v1::Item opened = node.Open(kWholeId);
    node.Commit(
        testing::DeltaOn(opened.opened().number(), testing::PutString("cart/last", "A VALUE")));
  }
  void TearDown() override { unsetenv("SESSIONHUB_TOKEN"); }

  RanCtl Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--endpoint", hub_.endpoint()});
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{in, out, err, false};
    const ExitCode code = RunProgram(arguments, terminal);
    return {static_cast<int>(code), out.str(), err.str()};
  }
  RanCtl RunWith(const std::string& token, std::vector<std::string> arguments) const {
    const std::string file = folder_.path() + "/token";
    std::ofstream(file) << token << "\n";
    arguments.insert(arguments.end(), {"--token-file", file});
    return Run(std::move(arguments));
  }

  const testing::TemporaryFolder folder_;
  testing::TokensFile tokens_;
  const std::string reader_ = tokens_.Add(Role::kReader, "shop");
  const std::string admin_ = tokens_.Add(Role::kAdmin, "*");
  testing::CertificateAuthority authority_{"authority"};
  const testing::CertificateFiles files_ = authority_.Issue("hub", "IP:127.0.0.1");
  testing::HubProcess hub_{{"--tokens-file", tokens_.path()}};
};

TEST_F(CtlAccessTest, WithoutATokenTheHubSaysWhatToDo) {
  const RanCtl ran = Run({"status"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("sessionhubctl tokens create"));
}

TEST_F(CtlAccessTest, TheTokenComesFromAFileOrTheEnvironment) {
  EXPECT_EQ(RunWith(reader_, {"status"}).code, 0);
  ASSERT_EQ(setenv("SESSIONHUB_TOKEN", reader_.c_str(), 1), 0);
  EXPECT_EQ(Run({"status"}).code, 0);
  // The file is the nearer one.
  EXPECT_EQ(RunWith("shub_", {"status"}).code, 1);
  EXPECT_EQ(RunWith("", {"status"}).code, 2);
}

TEST_F(CtlAccessTest, AReaderSeesTheBeginningsOfIds) {
  const RanCtl table = RunWith(reader_, {"sessions", "list", "--app", "shop", "--full-ids"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("abcdef…"));
  EXPECT_THAT(table.out, Not(HasSubstr("SECRET")));
  const RanCtl ran =
      RunWith(reader_, {"sessions", "list", "--app", "shop", "--full-ids", "--output", "json"});
  const json session = json::parse(ran.out)["sessions"][0];
  EXPECT_EQ(session["id_complete"], false);
  EXPECT_EQ(session["id_hash"].get<std::string>().size(), 16u);
  const RanCtl admin = RunWith(admin_, {"sessions", "list", "--app", "shop", "--full-ids"});
  EXPECT_THAT(admin.out, HasSubstr(kWholeId));
}

TEST_F(CtlAccessTest, AReaderSeesSizesAndNoValues) {
  const std::vector<std::string> get = {"sessions", "get", kWholeId, "--app", "shop"};
  const RanCtl table = RunWith(reader_, get);
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("cart/last"));
  EXPECT_THAT(table.out, Not(HasSubstr("A VALUE")));
  std::vector<std::string> as_json = get;
  as_json.insert(as_json.end(), {"--output", "json"});
  const json session = json::parse(RunWith(reader_, as_json).out);
  EXPECT_EQ(session["sizes"][0]["path"], "cart/last");
  EXPECT_EQ(session["sizes"][0]["bytes"], 7);
  EXPECT_THAT(RunWith(admin_, get).out, HasSubstr("A VALUE"));
}

TEST_F(CtlAccessTest, AReaderDeletesNothing) {
  const RanCtl ran = RunWith(reader_, {"sessions", "delete", kWholeId, "--app", "shop", "--yes"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("needs a token of role admin"));
}

TEST_F(CtlAccessTest, ReachesAHubOverTls) {
  testing::HubProcess hub({"--tls-certificate", files_.certificate, "--tls-key", files_.key});
  ASSERT_OK(hub.Start());
  const std::vector<std::string> plaintext = {"status", "--endpoint", hub.endpoint(), "--timeout",
                                              "2"};
  std::vector<std::string> over_tls = plaintext;
  over_tls.insert(over_tls.end(), {"--tls-ca", authority_.root()});
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{in, out, err, false};
  EXPECT_EQ(RunProgram(over_tls, terminal), ExitCode::kDone) << err.str();
  EXPECT_EQ(RunProgram(plaintext, terminal), ExitCode::kNotReached);
}

}  // namespace
}  // namespace sessionhub::ctl
