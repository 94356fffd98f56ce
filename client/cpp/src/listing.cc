// Client's calls about many sessions.
#include "sessionhub/listing.h"

#include <algorithm>
#include <utility>

#include "client/cpp/src/client_impl.h"
#include "client/cpp/src/unary_calls.h"
#include "proto/session/status_macros.h"
#include "sessionhub/client.h"

namespace sessionhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

// At most what the type of a time holds, whatever the hub says.
milliseconds Within(uint64_t ms) {
  constexpr auto kMost =
      std::chrono::duration_cast<milliseconds>(system_clock::time_point::max().time_since_epoch());
  return milliseconds(std::min(ms, static_cast<uint64_t>(kMost.count())));
}

system_clock::time_point TimeOf(uint64_t unix_ms) {
  return system_clock::time_point(Within(unix_ms));
}

SessionInfo InfoOf(const v1::SessionSummary& summary) {
  SessionInfo info;
  info.id = summary.id();
  info.id_cut = summary.id_cut();
  info.id_hash = summary.id_hash();
  info.number = summary.number();
  info.version = summary.version();
  info.nodes = summary.nodes();
  info.owner = summary.owner();
  info.owner_cut = summary.owner_cut();
  info.owner_hash = summary.owner_hash();
  info.created = TimeOf(summary.created_ms());
  info.last_access = TimeOf(summary.last_access_ms());
  info.idle_timeout = Within(summary.idle_timeout_ms());
  info.absolute_deadline = TimeOf(summary.absolute_deadline_ms());
  return info;
}

}  // namespace

absl::StatusOr<SessionPage> Client::ListSessions(const ListOptions& options, milliseconds timeout) {
  ASSIGN_OR_RETURN(const std::shared_ptr<client::UnaryCalls> hub, impl_->Unary());
  v1::ListSessionsRequest request;
  request.set_app(impl_->app());
  request.set_owner(options.owner);
  request.set_page_size(options.page_size);
  request.set_page_token(options.page_token);
  ASSIGN_OR_RETURN(v1::ListSessionsResponse response, hub->ListSessions(request, timeout));
  SessionPage page;
  for (const v1::SessionSummary& summary : response.sessions()) {
    page.sessions.push_back(InfoOf(summary));
  }
  page.next_page_token = std::move(*response.mutable_next_page_token());
  return page;
}

absl::StatusOr<uint64_t> Client::CountSessions(std::string_view owner, milliseconds timeout) {
  ASSIGN_OR_RETURN(const std::shared_ptr<client::UnaryCalls> hub, impl_->Unary());
  v1::CountSessionsRequest request;
  request.set_app(impl_->app());
  request.set_owner(std::string(owner));
  ASSIGN_OR_RETURN(const v1::CountSessionsResponse response, hub->CountSessions(request, timeout));
  return response.sessions();
}

absl::StatusOr<uint64_t> Client::DeleteSessionsOfOwner(std::string_view owner,
                                                       milliseconds timeout) {
  ASSIGN_OR_RETURN(const std::shared_ptr<client::UnaryCalls> hub, impl_->Unary());
  v1::DeleteSessionsOfOwnerRequest request;
  request.set_app(impl_->app());
  request.set_owner(std::string(owner));
  ASSIGN_OR_RETURN(const v1::DeleteSessionsOfOwnerResponse response,
                   hub->DeleteSessionsOfOwner(request, timeout));
  return response.deleted();
}

}  // namespace sessionhub
