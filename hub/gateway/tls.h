// Tls: the certificate that this hub shows and the certificates that it asks for, from files that
// may be replaced while it runs.
#ifndef HUB_GATEWAY_TLS_H_
#define HUB_GATEWAY_TLS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::hub {

// PEM files.
struct TlsFiles {
  std::string certificate;  // the hub's, and those between it and its root; empty: plaintext
  std::string key;          // of the certificate
  std::string client_ca;  // roots of the certificates that clients must show; empty: none are asked
};

// Checks that the files hold what they should and fit together. FailedPrecondition if others may
// read the key, else InvalidArgument; the message names the file and what to do. A certificate that
// has expired or is not valid yet is no error, for a clock may be wrong: it is logged.
absl::Status CheckTlsFiles(const TlsFiles& files);

// Credentials that read the files again within a second or two of a change. Connections that stand
// stay as they are; later ones meet what the files hold then. Errors are those of CheckTlsFiles.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsFiles& files);

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_TLS_H_
