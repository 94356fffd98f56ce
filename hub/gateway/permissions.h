// Permissions: which role may make which call, in one table. Pure.
#ifndef HUB_GATEWAY_PERMISSIONS_H_
#define HUB_GATEWAY_PERMISSIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "proto/access/token.h"

namespace sessionhub::hub {

// Who makes a call.
struct Caller {
  std::string token_id;       // empty: this hub asks for no tokens
  std::string secret_sha256;  // of the record that let the caller in
  Role role = Role::kAdmin;
  std::string app = kEveryApp;

  bool ReachesEveryApp() const { return app == kEveryApp; }
  bool Reaches(std::string_view of_app) const { return ReachesEveryApp() || app == of_app; }
  // Whole session ids, and values.
  bool SeesContents() const { return role == Role::kAdmin; }
};

// What a call is about, and so whose app the caller's must be.
enum class Scope {
  kApp,       // the app that the request, or the hello, names
  kAnyApp,    // the hub; an answer about apps is cut to the caller's own
  kEveryApp,  // the hub, and with it every app: only for callers of every app
};

struct Permission {
  const char* service;  // "Hub", "Admin"
  const char* method;
  bool node;
  bool reader;
  Scope scope;  // admins may make every call
};

// A row for each call of the services in proto/sessionhub/v1. A call without one is refused.
const std::vector<Permission>& Permissions();

// PermissionDenied, which says what is needed, unless `caller` may make the call. `app` is the one
// that the call names, for calls of Scope::kApp.
absl::Status CheckPermission(const Caller& caller, std::string_view service,
                             std::string_view method, const std::string& app);

// Whether the caller may attach at all, before it has named its app.
absl::Status CheckMayAttach(const Caller& caller);

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_PERMISSIONS_H_
