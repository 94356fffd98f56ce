#include "client/cpp/src/channel.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/status/statusor.h"
#include "proto/session/status_macros.h"

namespace sessionhub::client {
namespace {

constexpr size_t kPemBytesMax = 1 << 20;
// gRPC ends the process for a header that has other characters than a token.
constexpr size_t kTokenBytesMax = 512;

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  std::string text;
  if (path.empty()) return text;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, "cannot open " + path);
  text.resize(kPemBytesMax + 1);
  size_t size = 0;
  ssize_t count = 1;
  while (count > 0 && size < text.size()) {
    count = read(file, text.data() + size, text.size() - size);
    if (count > 0) size += static_cast<size_t>(count);
  }
  const int error = errno;
  close(file);
  if (count < 0) return absl::ErrnoToStatus(error, "cannot read " + path);
  if (size > kPemBytesMax) return absl::InvalidArgumentError(path + " is no PEM file: over 1 MiB");
  text.resize(size);
  return text;
}

absl::StatusOr<grpc::SslCredentialsOptions> ReadTls(const TlsOptions& tls) {
  grpc::SslCredentialsOptions read;
  ASSIGN_OR_RETURN(read.pem_root_certs, ReadPem(tls.ca_file));
  ASSIGN_OR_RETURN(read.pem_private_key, ReadPem(tls.key_file));
  ASSIGN_OR_RETURN(read.pem_cert_chain, ReadPem(tls.certificate_file));
  return read;
}

// nullptr if they cannot be made.
std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const ClientOptions& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  const absl::StatusOr<grpc::SslCredentialsOptions> tls = ReadTls(*options.tls);
  return tls.ok() ? grpc::SslCredentials(*tls) : nullptr;
}

}  // namespace

absl::Status CheckSecurity(const ClientOptions& options) {
  const bool printable = std::all_of(options.token.begin(), options.token.end(),
                                     [](char c) { return c > ' ' && c <= '~'; });
  if (!printable || options.token.size() > kTokenBytesMax) {
    return absl::InvalidArgumentError(
        "token is none: give it as `sessionhubctl tokens create` has printed it, without spaces "
        "and line ends");
  }
  if (!options.tls) return absl::OkStatus();
  if (options.tls->certificate_file.empty() != options.tls->key_file.empty()) {
    return absl::InvalidArgumentError("tls: certificate_file and key_file belong together");
  }
  return ReadTls(*options.tls).status();
}

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& endpoint,
                                           const ClientOptions& options,
                                           grpc::ChannelArguments arguments) {
  if (options.tls && !options.tls->server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls->server_name);
  }
  return grpc::CreateCustomChannel(endpoint, CredentialsOf(options), arguments);
}

void ShowToken(const ClientOptions& options, grpc::ClientContext* call) {
  if (!options.token.empty()) call->AddMetadata("authorization", "Bearer " + options.token);
}

}  // namespace sessionhub::client
