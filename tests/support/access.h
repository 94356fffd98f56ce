// What tests of access need: a hub's file of tokens, an Admin stub that shows a token,
// certificates.
//
// Each belongs to one thread.
#ifndef TESTS_SUPPORT_ACCESS_H_
#define TESTS_SUPPORT_ACCESS_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proto/access/token.h"
#include "sessionhub/v1/admin.grpc.pb.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::testing {

// Each change is there at once, as that of sessionhubctl is.
class TokensFile {
 public:
  TokensFile() { Write(); }

  const std::string& path() const { return path_; }

  // The text of a token that is let in from now on; until `expires_s`, if that is not 0.
  std::string Add(Role role, const std::string& app, uint64_t expires_s = 0);
  // The same of a token that somebody else has made.
  void AddText(const std::string& token, Role role, const std::string& app, uint64_t expires_s = 0);
  // Gives it another end: it expires then; 0: never.
  void SetExpiry(const std::string& token, uint64_t expires_s);
  // Takes it out, and puts it back.
  void Revoke(const std::string& token);
  void Restore(const std::string& token);
  // In place of all tokens.
  void WriteText(const std::string& text) const;
  void Write() const;

 private:
  TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/tokens";
  std::vector<TokenRecord> tokens_;
  std::vector<TokenRecord> revoked_;
  uint8_t last_ = 0;
};

// One that does not wait for ever, with the token if there is one.
std::unique_ptr<grpc::ClientContext> CallWith(const std::string& token);

// A file of a certificate, and of its key.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};

// An authority with a folder for what it has signed. Uses the command `openssl`.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);

  // Its own certificate.
  std::string root() const { return folder_.path() + "/root.pem"; }
  // A certificate for `names` ("DNS:hub.example,IP:127.0.0.1"), valid for so many days from now on;
  // -1: it has expired.
  CertificateFiles Issue(const std::string& name, const std::string& names, int days = 30);

 private:
  TemporaryFolder folder_;
};

// Puts the contents of `from` in the place of `to`, at once.
void ReplaceFile(const std::string& from, const std::string& to);

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_ACCESS_H_
