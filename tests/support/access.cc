#include "tests/support/access.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "proto/access/token_list.h"
#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

// Quiet unless it fails.
void RunOpenssl(const std::string& folder, const std::string& arguments) {
  const std::string log = folder + "/openssl.log";
  const std::string command = "openssl " + arguments + " >" + log + " 2>&1";
  if (std::system(command.c_str()) == 0) return;
  ADD_FAILURE() << command << "\n" << std::ifstream(log).rdbuf();
}

void WritePrivately(const std::string& path, const std::string& text) {
  const std::string beside = path + ".beside";
  std::ofstream(beside) << text;
  chmod(beside.c_str(), 0600);
  std::filesystem::rename(beside, path);
}

std::vector<TokenRecord>::iterator FindRecord(const std::string& token,
                                              std::vector<TokenRecord>* records) {
  const std::string id = ParseToken(token)->id;
  return std::find_if(records->begin(), records->end(),
                      [&id](const TokenRecord& record) { return record.id == id; });
}

// Moves the record of the token from one list to the other.
void Move(const std::string& token, std::vector<TokenRecord>* from, std::vector<TokenRecord>* to) {
  const auto found = FindRecord(token, from);
  if (found == from->end()) return;
  to->push_back(*found);
  from->erase(found);
}

}  // namespace

std::string TokensFile::Add(Role role, const std::string& app, uint64_t expires_s) {
  std::array<uint8_t, 32> secret{};
  secret.fill(++last_);
  std::string token = MakeToken({0, 0, 0, 0, 0, last_}, secret).ToText();
  AddText(token, role, app, expires_s);
  return token;
}

void TokensFile::AddText(const std::string& token, Role role, const std::string& app,
                         uint64_t expires_s) {
  const TokenText text = *ParseToken(token);
  tokens_.push_back({text.id, Sha256(text.secret), app, role, 1, expires_s, "a test's"});
  Write();
}

void TokensFile::SetExpiry(const std::string& token, uint64_t expires_s) {
  FindRecord(token, &tokens_)->expires_s = expires_s;
  Write();
}

void TokensFile::Revoke(const std::string& token) {
  Move(token, &tokens_, &revoked_);
  Write();
}

void TokensFile::Restore(const std::string& token) {
  Move(token, &revoked_, &tokens_);
  Write();
}

void TokensFile::WriteText(const std::string& text) const {
  WritePrivately(path_, text);
}

void TokensFile::Write() const {
  WriteText(FormatTokenList(tokens_));
}

std::unique_ptr<grpc::ClientContext> CallWith(const std::string& token) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_wait_for_ready(true);
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
  if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
  return context;
}

CertificateAuthority::CertificateAuthority(const std::string& name) {
  RunOpenssl(
      folder_.path(),
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=" +
          name + " -keyout " + folder_.path() + "/root.key -out " + root());
}

CertificateFiles CertificateAuthority::Issue(const std::string& name, const std::string& names,
                                             int days) {
  const std::string stem = folder_.path() + "/" + name;
  const CertificateFiles files{stem + ".pem", stem + ".key"};
  RunOpenssl(folder_.path(),
             "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name +
                 " -addext subjectAltName=" + names + " -keyout " + files.key + " -out " + stem +
                 ".csr");
  RunOpenssl(folder_.path(), "x509 -req -in " + stem + ".csr -CA " + root() + " -CAkey " +
                                 folder_.path() + "/root.key -CAcreateserial -days " +
                                 std::to_string(days) + " -copy_extensions copy -out " +
                                 files.certificate);
  chmod(files.key.c_str(), 0600);
  return files;
}

void ReplaceFile(const std::string& from, const std::string& to) {
  std::string text;
  std::getline(std::ifstream(from), text, '\0');
  WritePrivately(to, text);
}

}  // namespace sessionhub::testing
