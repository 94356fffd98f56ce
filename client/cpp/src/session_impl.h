// SessionImpl: what all copies of one Session handle share. Holds its copy in the near cache.
#ifndef CLIENT_CPP_SRC_SESSION_IMPL_H_
#define CLIENT_CPP_SRC_SESSION_IMPL_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "client/cpp/src/client_impl.h"
#include "client/cpp/src/view.h"
#include "proto/session/delta.h"
#include "proto/session/path.h"

namespace sessionhub::client {

// Immutable, and so safe from any thread.
class SessionImpl {
 public:
  // Takes over one pin of `ref`.
  SessionImpl(std::shared_ptr<ClientImpl> hub, std::string session_id, CopyRef copy)
      : client(std::move(hub)), id(std::move(session_id)), ref(copy) {}
  ~SessionImpl();
  SessionImpl(const SessionImpl&) = delete;
  SessionImpl& operator=(const SessionImpl&) = delete;

  const std::shared_ptr<ClientImpl> client;
  const std::string id;
  const CopyRef ref;
};

// Belongs to one thread at a time, like its Edit.
struct EditImpl {
  std::shared_ptr<SessionImpl> session;
  std::shared_ptr<const ViewImpl> base;  // nullptr: the session had ended
  Delta delta;
  absl::Status status;  // the first path that is not legal
  // Answers of Get that this Edit's changes have a part in; emptied by each change.
  mutable std::map<Path, std::optional<Value>> seen;

  void Add(Operation::Kind kind, std::string_view path, Value value);
  const Value* Get(const Path& path) const;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_SESSION_IMPL_H_
