// ViewImpl: what a View shows, and the sharing that lets a copy change in place when nobody looks.
#ifndef CLIENT_CPP_SRC_VIEW_H_
#define CLIENT_CPP_SRC_VIEW_H_

#include <atomic>
#include <memory>
#include <utility>

#include "proto/session/ids.h"
#include "proto/session/state.h"

namespace sessionhub::client {

// Fields that a copy and any number of views share. The copy's owner may change `map` only while
// `views` is 0: the count is acquired there and released by the views, on whatever thread they end.
struct SharedFields {
  FieldMap map;
  mutable std::atomic<int> views{0};
};

// One immutable version of a session. Safe from any thread.
struct ViewImpl {
  ViewImpl(Version confirmed, std::shared_ptr<const SharedFields> shared)
      : version(confirmed), fields(std::move(shared)) {
    fields->views.fetch_add(1, std::memory_order_relaxed);
  }
  ~ViewImpl() { fields->views.fetch_sub(1, std::memory_order_release); }
  ViewImpl(const ViewImpl&) = delete;
  ViewImpl& operator=(const ViewImpl&) = delete;

  const Version version;  // the newest that the hub has given
  const std::shared_ptr<const SharedFields> fields;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_VIEW_H_
