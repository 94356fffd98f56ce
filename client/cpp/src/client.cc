#include "sessionhub/client.h"

#include <utility>

#include "client/cpp/src/channel.h"
#include "client/cpp/src/client_impl.h"
#include "client/cpp/src/session_impl.h"
#include "proto/session/endpoint.h"
#include "proto/session/limits.h"
#include "proto/session/status_macros.h"

namespace sessionhub {
namespace {

absl::Status CheckOptions(const ClientOptions& options) {
  RETURN_IF_ERROR(CheckName("app", options.app));
  RETURN_IF_ERROR(CheckName("node name", options.node_name));
  if (options.endpoints.empty()) {
    return absl::InvalidArgumentError("no endpoints: give at least one host:port");
  }
  for (const std::string& endpoint : options.endpoints) {
    RETURN_IF_ERROR(CheckEndpoint(endpoint));
  }
  if (options.backoff_min.count() <= 0 || options.backoff_max < options.backoff_min) {
    return absl::InvalidArgumentError("backoff_min must be above 0 ms and not above backoff_max");
  }
  if (options.stale_max.count() <= 0) {
    return absl::InvalidArgumentError("stale_max must be above 0 ms");
  }
  return client::CheckSecurity(options);
}

}  // namespace

Client::Client(std::shared_ptr<client::ClientImpl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;

Client& Client::operator=(Client&& other) noexcept {
  Client old(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}

Client::~Client() {
  if (impl_) Close(std::chrono::milliseconds(0));
}

absl::StatusOr<Client> Client::Connect(ClientOptions options) {
  RETURN_IF_ERROR(CheckOptions(options));
  RETURN_IF_ERROR(client::ForkGuard::CheckProcess());
  auto impl = std::make_shared<client::ClientImpl>(std::move(options));
  impl->Start();
  return Client(std::move(impl));
}

absl::StatusOr<Session> Client::Open(std::string_view id, const OpenOptions& options) {
  return OpenAll({std::string(id)}, options)[0];
}

std::vector<absl::StatusOr<Session>> Client::OpenAll(const std::vector<std::string>& ids,
                                                     const OpenOptions& options) {
  std::vector<absl::StatusOr<client::CopyRef>> copies = impl_->Open(ids, options);
  std::vector<absl::StatusOr<Session>> sessions;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (copies[i].ok()) {
      sessions.push_back(Session(std::make_shared<client::SessionImpl>(impl_, ids[i], *copies[i])));
    } else {
      sessions.push_back(copies[i].status());
    }
  }
  return sessions;
}

absl::Status Client::Evict(std::string_view id) {
  return impl_->Evict(std::string(id));
}

bool Client::attached() const {
  return impl_->attached();
}
ClientStats Client::stats() const {
  return impl_->stats();
}

size_t Client::Close(std::chrono::milliseconds flush) {
  if (!impl_->fork_guard().forked()) return impl_->Close(flush);
  // The parent's threads are not here to be joined, nor its locks to be taken: the object stays.
  new std::shared_ptr<client::ClientImpl>(impl_);
  return 0;
}

}  // namespace sessionhub
