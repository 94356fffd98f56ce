// LockImpl: a lock that this node was granted. Plain data; belongs to one thread at a time.
#ifndef CLIENT_CPP_SRC_LOCK_IMPL_H_
#define CLIENT_CPP_SRC_LOCK_IMPL_H_

#include <memory>

#include "client/cpp/src/near_cache.h"
#include "client/cpp/src/outputs.h"

namespace sessionhub::client {

class SessionImpl;

struct LockImpl {
  std::shared_ptr<SessionImpl> session;
  GrantedLock granted;
  Time until;  // it has ended by itself then, as seen from here
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_LOCK_IMPL_H_
