#include "hub/gateway/admin_guard.h"

#include <algorithm>

#include "hub/gateway/admin_service.h"
#include "proto/session/status_macros.h"
#include "proto/session/wire.h"

namespace sessionhub::hub {
namespace {

// Of an app that a request names, in the audit: no name is longer.
constexpr size_t kAuditNameBytesMax = 64;
// Of an incarnation, enough to tell two processes apart.
constexpr size_t kIncarnationBytesShown = 4;

absl::Status FromGrpcStatus(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// What a page token is good for.
std::string PageContext(const v1::ListSessionsRequest& request) {
  std::string context = request.app();
  context.push_back('\0');
  context.append(request.owner());
  return context;
}

void CutNodes(const Caller& caller, v1::ListNodesResponse* response) {
  auto* const nodes = response->mutable_nodes();
  nodes->erase(
      std::remove_if(nodes->begin(), nodes->end(),
                     [&caller](const v1::Node& node) { return !caller.Reaches(node.app()); }),
      nodes->end());
  if (caller.SeesContents()) return;
  for (v1::Node& node : *nodes) {
    node.set_incarnation(node.incarnation().substr(0, kIncarnationBytesShown));
  }
}

// Paths and sizes in place of the values.
void CutValues(v1::GetSessionResponse* response) {
  for (const v1::Op& op : response->fields()) {
    v1::FieldSize* size = response->add_sizes();
    size->set_path(op.path());
    const auto field = DecodeOp(op, [](uint32_t) -> const Path* { return nullptr; });
    if (field.ok()) size->set_bytes(field->value.SizeBytes());
  }
  response->clear_fields();
}

}  // namespace

template <typename Request>
AuditEntry AdminGuard::EntryOf(const char* name, const Request& request) const {
  AuditEntry entry;
  entry.event = "call";
  entry.call = name;
  if constexpr (requires { request.app(); })
    entry.app = request.app().substr(0, kAuditNameBytesMax);
  if constexpr (requires { request.name(); }) {
    entry.node = request.name().substr(0, kAuditNameBytesMax);
  }
  if constexpr (requires { request.id(); }) {
    entry.session = IdLabels::Shown(request.id());
    entry.session_hash = auth_->labels().Hash(request.app(), request.id());
  }
  if constexpr (requires { request.owner(); }) {
    if (!request.owner().empty()) {
      entry.owner_hash = auth_->labels().Hash(request.app(), request.owner());
    }
  }
  return entry;
}

template <typename Request, typename Serve>
grpc::Status AdminGuard::Make(grpc::ServerContext* call, const char* name, const Request& request,
                              const Serve& serve) {
  const absl::StatusOr<Caller> caller = auth_->Authenticate(*call, name);
  if (!caller.ok()) return ToGrpcStatus(caller.status());
  std::string app;
  if constexpr (requires { request.app(); }) app = request.app();
  AuditEntry entry = EntryOf(name, request);
  absl::Status status = CheckPermission(*caller, "Admin", name, app);
  if (status.ok()) status = serve(*caller, &entry);
  auth_->Audit(*caller, call->peer(), status, entry);
  return ToGrpcStatus(status);
}

void AdminGuard::Label(const std::string& app, bool cut_id, bool cut_owner,
                       v1::SessionSummary* summary) const {
  summary->set_id_hash(auth_->labels().Hash(app, summary->id()));
  summary->set_id_cut(cut_id);
  if (cut_id) summary->set_id(IdLabels::Shown(summary->id()));
  if (summary->owner().empty()) return;
  summary->set_owner_hash(auth_->labels().Hash(app, summary->owner()));
  summary->set_owner_cut(cut_owner);
  if (cut_owner) summary->set_owner(IdLabels::Shown(summary->owner()));
}

grpc::Status AdminGuard::GetStatus(grpc::ServerContext* call, const v1::GetStatusRequest* request,
                                   v1::GetStatusResponse* response) {
  return Make(call, "GetStatus", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->GetStatus(call, request, response));
  });
}

grpc::Status AdminGuard::ListNodes(grpc::ServerContext* call, const v1::ListNodesRequest* request,
                                   v1::ListNodesResponse* response) {
  return Make(call, "ListNodes", *request, [&](const Caller& caller, AuditEntry*) {
    absl::Status status = FromGrpcStatus(guarded_->ListNodes(call, request, response));
    CutNodes(caller, response);
    return status;
  });
}

// The token of the next page holds the last id of this one, so it is sealed where ids are cut.
absl::Status AdminGuard::ListCut(grpc::ServerContext* call, const v1::ListSessionsRequest& request,
                                 v1::ListSessionsResponse* response) {
  const std::string context = PageContext(request);
  v1::ListSessionsRequest inner = request;
  ASSIGN_OR_RETURN(*inner.mutable_page_token(),
                   auth_->labels().Unseal(request.page_token(), context));
  RETURN_IF_ERROR(FromGrpcStatus(guarded_->ListSessions(call, &inner, response)));
  ASSIGN_OR_RETURN(*response->mutable_next_page_token(),
                   auth_->labels().Seal(response->next_page_token(), context));
  return absl::OkStatus();
}

grpc::Status AdminGuard::ListSessions(grpc::ServerContext* call,
                                      const v1::ListSessionsRequest* request,
                                      v1::ListSessionsResponse* response) {
  return Make(call, "ListSessions", *request, [&](const Caller& caller, AuditEntry* entry) {
    const bool cut = request->cut_ids() || !caller.SeesContents();
    entry->full_ids = !cut;
    absl::Status status = cut ? ListCut(call, *request, response)
                              : FromGrpcStatus(guarded_->ListSessions(call, request, response));
    if (!status.ok()) response->Clear();
    for (v1::SessionSummary& summary : *response->mutable_sessions()) {
      // Whose sessions they are is what the caller has said himself.
      const bool cut_owner = cut && request->owner().empty();
      Label(request->app(), cut, cut_owner, &summary);
    }
    return status;
  });
}

grpc::Status AdminGuard::CountSessions(grpc::ServerContext* call,
                                       const v1::CountSessionsRequest* request,
                                       v1::CountSessionsResponse* response) {
  return Make(call, "CountSessions", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->CountSessions(call, request, response));
  });
}

grpc::Status AdminGuard::DeleteSessionsOfOwner(grpc::ServerContext* call,
                                               const v1::DeleteSessionsOfOwnerRequest* request,
                                               v1::DeleteSessionsOfOwnerResponse* response) {
  return Make(call, "DeleteSessionsOfOwner", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->DeleteSessionsOfOwner(call, request, response));
  });
}

grpc::Status AdminGuard::GetSession(grpc::ServerContext* call, const v1::GetSessionRequest* request,
                                    v1::GetSessionResponse* response) {
  return Make(call, "GetSession", *request, [&](const Caller& caller, AuditEntry* entry) {
    absl::Status status = FromGrpcStatus(guarded_->GetSession(call, request, response));
    if (!status.ok()) return status;
    const bool cut = !caller.SeesContents();
    entry->full_ids = !cut;
    Label(request->app(), cut, cut, response->mutable_summary());
    if (cut) CutValues(response);
    return status;
  });
}

grpc::Status AdminGuard::DeleteSession(grpc::ServerContext* call,
                                       const v1::DeleteSessionRequest* request,
                                       v1::DeleteSessionResponse* response) {
  return Make(call, "DeleteSession", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->DeleteSession(call, request, response));
  });
}

grpc::Status AdminGuard::FinalizeUpgrade(grpc::ServerContext* call,
                                         const v1::FinalizeUpgradeRequest* request,
                                         v1::FinalizeUpgradeResponse* response) {
  return Make(call, "FinalizeUpgrade", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->FinalizeUpgrade(call, request, response));
  });
}

grpc::Status AdminGuard::CreateBackup(grpc::ServerContext* call,
                                      const v1::CreateBackupRequest* request,
                                      v1::CreateBackupResponse* response) {
  return Make(call, "CreateBackup", *request, [&](const Caller&, AuditEntry* entry) {
    entry->keep = request->keep();
    absl::Status status = FromGrpcStatus(guarded_->CreateBackup(call, request, response));
    entry->backup = response->backup().id();
    entry->removed.assign(response->removed().begin(), response->removed().end());
    return status;
  });
}

grpc::Status AdminGuard::ListBackups(grpc::ServerContext* call,
                                     const v1::ListBackupsRequest* request,
                                     v1::ListBackupsResponse* response) {
  return Make(call, "ListBackups", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->ListBackups(call, request, response));
  });
}

grpc::Status AdminGuard::DisconnectNode(grpc::ServerContext* call,
                                        const v1::DisconnectNodeRequest* request,
                                        v1::DisconnectNodeResponse* response) {
  return Make(call, "DisconnectNode", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->DisconnectNode(call, request, response));
  });
}

grpc::Status AdminGuard::Drain(grpc::ServerContext* call, const v1::DrainRequest* request,
                               v1::DrainResponse* response) {
  return Make(call, "Drain", *request, [&](const Caller&, AuditEntry*) {
    return FromGrpcStatus(guarded_->Drain(call, request, response));
  });
}

}  // namespace sessionhub::hub
