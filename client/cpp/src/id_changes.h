// IdChanges: the id changes that the hub has not answered. Pure.
#ifndef CLIENT_CPP_SRC_ID_CHANGES_H_
#define CLIENT_CPP_SRC_ID_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cpp/src/pending_writes.h"
#include "proto/session/ids.h"

namespace sessionhub::client {

struct IdChange {
  uint32_t request = 0;
  SessionNumber number = 0;
  std::string old_id;  // when it was asked for
  std::string id;
  uint64_t alias_ms = 0;
  std::vector<Token> waiters;
  bool sent = false;  // on the present stream
};

class IdChanges {
 public:
  static constexpr size_t kPendingMax = 1024;

  // Callers who ask for the same share a request. FailedPrecondition if the session is getting
  // another id, ResourceExhausted past kPendingMax.
  absl::Status Add(Token token, SessionNumber number, const std::string& old_id,
                   const std::string& id, uint64_t alias_ms);

  // nullptr if all are sent. Good until the next call that is not const.
  IdChange* NextUnsent();
  std::optional<IdChange> Take(uint32_t request);

  // True while it is not known which id the session has.
  bool Concerns(SessionNumber number) const;

  // The stream broke: all are to be sent again.
  void Cut();
  // Removes all and returns their tokens.
  std::vector<Token> Clear();

  size_t size() const { return changes_.size(); }

 private:
  std::map<uint32_t, IdChange> changes_;
  uint32_t last_request_ = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_ID_CHANGES_H_
