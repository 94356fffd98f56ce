#include "hub/gateway/permissions.h"

#include <algorithm>

#include "proto/session/error_codes.h"

namespace sessionhub::hub {
namespace {

constexpr bool kYes = true;
constexpr bool kNo = false;

// A node may make the calls of the client library, of its own app. Readers get ids and values cut.
const std::vector<Permission>& PermissionTable() {
  static const auto* const kTable = new std::vector<Permission>{
      // service, method, node, reader, scope
      {"Hub", "Attach", kYes, kNo, Scope::kApp},
      {"Admin", "GetStatus", kNo, kYes, Scope::kAnyApp},
      {"Admin", "ListNodes", kNo, kYes, Scope::kAnyApp},
      {"Admin", "ListSessions", kYes, kYes, Scope::kApp},
      {"Admin", "CountSessions", kYes, kYes, Scope::kApp},
      {"Admin", "GetSession", kNo, kYes, Scope::kApp},
      {"Admin", "DeleteSession", kNo, kNo, Scope::kApp},
      {"Admin", "DeleteSessionsOfOwner", kYes, kNo, Scope::kApp},
      {"Admin", "FinalizeUpgrade", kNo, kNo, Scope::kEveryApp},
      {"Admin", "CreateBackup", kNo, kNo, Scope::kEveryApp},
      {"Admin", "ListBackups", kNo, kNo, Scope::kEveryApp},
      {"Admin", "DisconnectNode", kNo, kNo, Scope::kApp},
      {"Admin", "Drain", kNo, kNo, Scope::kEveryApp},
  };
  return *kTable;
}

const Permission* FindPermission(std::string_view service, std::string_view method) {
  const std::vector<Permission>& rows = PermissionTable();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Permission& row) {
    return row.service == service && row.method == method;
  });
  return found == rows.end() ? nullptr : &*found;
}

bool MayCall(Role role, const Permission& row) {
  switch (role) {
    case Role::kNode:
      return row.node;
    case Role::kReader:
      return row.reader;
    case Role::kAdmin:
      return true;
  }
  return false;
}

std::string RolesOf(const Permission& row) {
  std::string roles;
  if (row.node) roles += "node, ";
  if (row.reader) roles += "reader, ";
  return roles + "admin";
}

absl::Status Denied(const Caller& caller, const Permission& row, const std::string& needed) {
  return ErrorStatus(CallError::kNotPermitted,
                     std::string(row.method) + " needs " + needed + "; token " + caller.token_id +
                         " has role " + RoleName(caller.role) +
                         (caller.ReachesEveryApp() ? " for every app" : " for app " + caller.app));
}

absl::Status CheckRole(const Caller& caller, const Permission& row) {
  if (MayCall(caller.role, row)) return absl::OkStatus();
  return Denied(caller, row, "a token of role " + RolesOf(row));
}

}  // namespace

const std::vector<Permission>& Permissions() {
  return PermissionTable();
}

absl::Status CheckPermission(const Caller& caller, std::string_view service,
                             std::string_view method, const std::string& app) {
  const Permission* const row = FindPermission(service, method);
  if (row == nullptr) {
    return ErrorStatus(CallError::kNotPermitted,
                       "no role may make the call " + std::string(method));
  }
  if (absl::Status status = CheckRole(caller, *row); !status.ok()) return status;
  if (row->scope == Scope::kApp && !caller.Reaches(app)) {
    return Denied(caller, *row, "a token for app " + app);
  }
  if (row->scope == Scope::kEveryApp && !caller.ReachesEveryApp()) {
    return Denied(caller, *row, "a token for every app (--app '*')");
  }
  return absl::OkStatus();
}

absl::Status CheckMayAttach(const Caller& caller) {
  return CheckRole(caller, *FindPermission("Hub", "Attach"));
}

}  // namespace sessionhub::hub
