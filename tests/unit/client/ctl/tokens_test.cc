#include "client/ctl/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/ctl/tokens_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::ctl {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

struct RanTokens {
  int code = -1;
  std::string out;
  std::string err;
};

class TokensTest : public ::testing::Test {
 protected:
  RanTokens Tokens(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "tokens");
    arguments.insert(arguments.end(), {"--tokens-file", file_});
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{in, out, err, false};
    const ExitCode code = RunProgram(arguments, terminal);
    return {static_cast<int>(code), out.str(), err.str()};
  }
  // Makes a token; its text.
  std::string Create(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"create", "--app", "shop", "--role", "node"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const RanTokens ran = Tokens(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out.substr(0, ran.out.find('\n'));
  }
  std::string Text() const {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }
  mode_t ModeOfFile() const {
    struct stat found {};
    EXPECT_EQ(stat(file_.c_str(), &found), 0);
    return found.st_mode & 0777;
  }

  testing::TemporaryFolder folder_;
  const std::string file_ = folder_.path() + "/tokens";
};

TEST_F(TokensTest, ATokenIsPrintedOnceAndKeptHashed) {
  const std::string text = Create({"--note", "web servers", "--expires-days", "2"});
  const auto token = ParseToken(text);
  ASSERT_TRUE(token) << text;
  EXPECT_THAT(Text(), Not(HasSubstr(token->secret)));
  EXPECT_EQ(ModeOfFile(), 0600u);
  const auto tokens = ReadTokensFile(file_);
  ASSERT_OK(tokens);
  ASSERT_EQ(tokens->size(), 1u);
  const TokenRecord& record = tokens->front();
  EXPECT_TRUE(HasSecret(record, token->secret));
  EXPECT_EQ(record.id, token->id);
  EXPECT_EQ(record.app, "shop");
  EXPECT_EQ(record.role, Role::kNode);
  EXPECT_EQ(record.note, "web servers");
  EXPECT_EQ(record.expires_s, record.created_s + 2 * 24 * 3600);
}

TEST_F(TokensTest, TwoTokensDiffer) {
  EXPECT_NE(Create(), Create());
}

TEST_F(TokensTest, ListHasAllButTheSecrets) {
  const auto token = ParseToken(Create({"--note", "for \x1b[2J"}));
  const RanTokens table = Tokens({"list"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr(token->id));
  EXPECT_THAT(table.out, HasSubstr("never"));
  EXPECT_THAT(table.out, HasSubstr("for \\x1b[2J"));
  EXPECT_THAT(table.out, Not(HasSubstr(token->secret)));
  const RanTokens ran = Tokens({"list", "--output", "json"});
  const auto listed = nlohmann::json::parse(ran.out)["tokens"][0];
  EXPECT_EQ(listed["id"], token->id);
  EXPECT_EQ(listed["role"], "node");
  EXPECT_EQ(listed["expires_ms"], 0);
}

TEST_F(TokensTest, ARevokedTokenIsGone) {
  const auto kept = ParseToken(Create());
  const auto revoked = ParseToken(Create());
  EXPECT_EQ(Tokens({"revoke", revoked->id}).code, 0);
  const auto tokens = ReadTokensFile(file_);
  ASSERT_OK(tokens);
  ASSERT_EQ(tokens->size(), 1u);
  EXPECT_EQ(tokens->front().id, kept->id);
  const RanTokens again = Tokens({"revoke", revoked->id});
  EXPECT_EQ(again.code, 3);
  EXPECT_THAT(again.err, HasSubstr("has the id " + revoked->id));
}

TEST_F(TokensTest, WrongUsageWritesNothing) {
  EXPECT_EQ(Tokens({"create", "--app", "a shop", "--role", "node"}).code, 2);
  EXPECT_EQ(Tokens({"create", "--app", "shop", "--role", "root"}).code, 2);
  EXPECT_EQ(Tokens({"create", "--app", "shop"}).code, 2);
  const RanTokens ran = Tokens({"create", "--app", "*", "--role", "node"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("names its app"));
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_FALSE(std::filesystem::exists(file_ + ".new"));
}

TEST_F(TokensTest, AFileThatOthersMayReadIsRefused) {
  Create();
  ASSERT_EQ(chmod(file_.c_str(), 0640), 0);
  EXPECT_THAT(ReadTokensFile(file_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")));
  EXPECT_EQ(Tokens({"create", "--app", "shop", "--role", "admin"}).code, 1);
}

TEST_F(TokensTest, AFileThatIsNoneIsLeftAlone) {
  std::ofstream(file_) << "anything\n";
  ASSERT_EQ(chmod(file_.c_str(), 0600), 0);
  const RanTokens ran = Tokens({"create", "--app", "shop", "--role", "admin"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("line 1"));
  EXPECT_EQ(Text(), "anything\n");
}

TEST_F(TokensTest, TwoChangesDoNotMeet) {
  Create();
  std::ofstream(file_ + ".new") << "";
  const RanTokens ran = Tokens({"create", "--app", "shop", "--role", "admin"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("another sessionhubctl"));
  EXPECT_TRUE(std::filesystem::exists(file_ + ".new"));
}

TEST_F(TokensTest, ListOfNoFileSaysSo) {
  const RanTokens ran = Tokens({"list"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr(file_));
}

}  // namespace
}  // namespace sessionhub::ctl
