// OpenRequests: the Opens that the hub has not answered. Pure.
#ifndef CLIENT_CPP_SRC_OPEN_REQUESTS_H_
#define CLIENT_CPP_SRC_OPEN_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/cpp/src/pending_writes.h"
#include "proto/session/ids.h"
#include "proto/session/settings.h"
#include "sessionhub/options.h"

namespace sessionhub::client {

struct OpenRequest {
  uint32_t request = 0;
  std::string id;
  Create create = Create::kNever;
  SessionNumber number = 0;    // only this life; 0: whichever the id names
  Settings settings;           // of a session that this creates
  std::vector<Token> waiters;  // empty: the client itself asks, for a copy that it holds
  bool sent = false;           // on the present stream
  bool sent_ever = false;
  uint64_t sent_in = 0;  // the frame in which it was sent last
  Interest interest = Interest::kPush;
};

class OpenRequests {
 public:
  // Pointers are good until the request is removed.
  OpenRequest* Add(const std::string& id, Create create, SessionNumber number,
                   Interest interest = Interest::kPush, const Settings& settings = {});
  OpenRequest* Find(uint32_t request);

  // A request that one more caller may wait for: the same question, which only one of several
  // exclusive creations can have answered with yes, and at least as much interest. nullptr if there
  // is none.
  OpenRequest* FindShareable(const std::string& id, Create create, bool unsent_only,
                             Interest interest = Interest::kPush, const Settings& settings = {});
  // A request for this very life of `id`.
  OpenRequest* FindByNumber(const std::string& id, SessionNumber number);

  OpenRequest* NextUnsent();
  // Nothing if it is not there.
  std::optional<OpenRequest> Take(uint32_t request);
  // The caller does not wait any more.
  void Forget(Token token);

  // The stream broke: all are to be sent again, with their numbers, by which the hub recognises an
  // exclusive creation that it has carried out. One that nobody waits for is removed. True if one
  // was on its way, so that the hub may have answered it.
  bool Cut();
  // The incarnation has ended, and exclusive creations that were sent cannot be recognised any
  // more: they are removed and their tokens returned.
  std::vector<Token> TakeExclusiveSent();
  // Removes all and returns their tokens.
  std::vector<Token> Clear();

  bool Concerns(const std::string& id) const { return by_id_.contains(id); }
  size_t size() const { return requests_.size(); }

 private:
  std::map<uint32_t, OpenRequest> requests_;
  absl::flat_hash_map<std::string, std::vector<uint32_t>> by_id_;
  uint32_t last_request_ = 0;
  uint32_t sent_through_ = 0;  // no unsent request has a number up to this
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_OPEN_REQUESTS_H_
