#include "hub/gateway/tls.h"

#include <glog/logging.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr unsigned kLookAgainS = 1;

using PemFile = std::unique_ptr<FILE, int (*)(FILE*)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::StatusOr<PemFile> OpenPem(const char* option, const std::string& path) {
  PemFile file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file) return file;
  return absl::ErrnoToStatus(errno, std::string("cannot open ") + option + " " + path);
}

absl::Status NotPem(const char* option, const std::string& path, const char* what) {
  ERR_clear_error();
  return absl::InvalidArgumentError(std::string(option) + " " + path + " holds no " + what +
                                    " in PEM");
}

absl::StatusOr<Certificate> ReadCertificate(const char* option, const std::string& path) {
  ASSIGN_OR_RETURN(const PemFile file, OpenPem(option, path));
  Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) return NotPem(option, path, "certificate");
  return certificate;
}

// A key that asks for a passphrase is none: nobody could answer.
int NoPassphrase(char*, int, int, void*) {
  return 0;
}

absl::StatusOr<PrivateKey> ReadPrivateKey(const std::string& path) {
  ASSIGN_OR_RETURN(const PemFile file, OpenPem("--tls-key", path));
  struct stat found {};
  if (fstat(fileno(file.get()), &found) != 0) {
    return absl::ErrnoToStatus(errno, "cannot look at --tls-key " + path);
  }
  if ((found.st_mode & 0007) != 0) {
    return absl::FailedPreconditionError("--tls-key " + path +
                                         " may be read by everybody: chmod 600 " + path);
  }
  PrivateKey key(PEM_read_PrivateKey(file.get(), nullptr, NoPassphrase, nullptr), EVP_PKEY_free);
  if (!key) return NotPem("--tls-key", path, "private key without a passphrase");
  return key;
}

void WarnOfValidity(const X509* certificate, const std::string& path) {
  const char* wrong = nullptr;
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) wrong = "has expired";
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) wrong = "is not valid yet";
  if (wrong == nullptr) return;
  LOG(WARNING) << "event=certificate_not_valid file=" << path << " status=\"the certificate "
               << wrong << "\" remedy=\"put a valid one in its place: it is read by itself\"";
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files) {
  ASSIGN_OR_RETURN(const Certificate certificate,
                   ReadCertificate("--tls-certificate", files.certificate));
  ASSIGN_OR_RETURN(const PrivateKey key, ReadPrivateKey(files.key));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("--tls-key " + files.key + " is not the key of " +
                                      "--tls-certificate " + files.certificate);
  }
  WarnOfValidity(certificate.get(), files.certificate);
  if (files.client_ca.empty()) return absl::OkStatus();
  return ReadCertificate("--tls-client-ca", files.client_ca).status();
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsFiles& files) {
  if (files.certificate.empty()) return grpc::InsecureServerCredentials();
  RETURN_IF_ERROR(CheckTlsFiles(files));
  const auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.certificate, files.client_ca, kLookAgainS);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (!files.client_ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace sessionhub::hub
