// View: what a node shows of a session, at one version. Part of the public API (C++17).
//
//   View view = *session.Read();                               // one immutable version, no network
//   const Value* total = view.Get("cart/total");
//
// Field paths are segments joined by '/', with '~0' for '~' and '~1' for '/' inside a segment.
#ifndef SESSIONHUB_VIEW_H_
#define SESSIONHUB_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "sessionhub/export.h"
#include "sessionhub/value.h"

namespace sessionhub {

namespace client {
class SessionImpl;
struct ViewImpl;
}  // namespace client

// One immutable version of a session, with the changes that this node has committed and not yet
// heard of. Copyable, cheap, safe from any thread; keeps its fields alive.
class SESSIONHUB_EXPORT View {
 public:
  // The value at `path`, or nullptr if there is none or the path is not legal. Lives as long as the
  // View.
  const Value* Get(std::string_view path) const;

  // Calls `visit` with text path and value of each field at or below `path`, in path order. An
  // empty path visits all.
  void ForEach(std::string_view path,
               const std::function<void(const std::string& path, const Value& value)>& visit) const;

  // The fields at and below `path` as one JSON document, as Edit::SetJson makes fields of one: text
  // without blanks, objects in the order of their keys. Where there are a field at a path and
  // fields below it, the document has those below. NotFound if there is no field; InvalidArgument
  // for the path; FailedPrecondition, naming the field, for what no JSON document can hold: bytes,
  // a double that is not finite, a JSON value that is not JSON, more than 128 levels.
  absl::StatusOr<std::string> GetJson(std::string_view path) const;

  // The newest version that the hub has given and this View includes.
  uint64_t version() const;
  // How many fields there are at all paths; null is a value, so a field that holds it counts.
  size_t field_count() const;

 private:
  friend class client::SessionImpl;
  friend class Session;
  explicit View(std::shared_ptr<const client::ViewImpl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<const client::ViewImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_VIEW_H_
