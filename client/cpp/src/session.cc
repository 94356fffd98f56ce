#include "sessionhub/session.h"

#include <utility>

#include "client/cpp/src/session_impl.h"

namespace sessionhub {

namespace client {

SessionImpl::~SessionImpl() {
  if (client->fork_guard().forked()) {
    new std::shared_ptr<ClientImpl>(client);  // must not be destroyed where its threads are not
    return;
  }
  client->Unpin(ref);
}

}  // namespace client

// ---- View ----

const Value* View::Get(std::string_view path) const {
  absl::StatusOr<Path> parsed = Path::FromText(path);
  if (!parsed.ok()) return nullptr;
  const FieldMap& fields = impl_->fields->map;
  auto it = fields.find(*parsed);
  return it == fields.end() ? nullptr : &it->second;
}

void View::ForEach(
    std::string_view path,
    const std::function<void(const std::string& path, const Value& value)>& visit) const {
  Path root;
  if (!path.empty()) {
    absl::StatusOr<Path> parsed = Path::FromText(path);
    if (!parsed.ok()) return;
    root = *std::move(parsed);
  }
  const FieldMap& fields = impl_->fields->map;
  for (auto it = fields.lower_bound(root); it != fields.end() && root.Covers(it->first); ++it) {
    visit(it->first.ToText(), it->second);
  }
}

uint64_t View::version() const {
  return impl_->version;
}
size_t View::field_count() const {
  return impl_->fields->map.size();
}

// ---- Session ----

const std::string& Session::id() const {
  return impl_->id;
}
uint64_t Session::number() const {
  return impl_->ref.number;
}

absl::StatusOr<View> Session::Read() const {
  absl::StatusOr<std::shared_ptr<const client::ViewImpl>> view = impl_->client->Read(impl_->ref);
  if (!view.ok()) return view.status();
  return View(*std::move(view));
}

Edit Session::Begin() const {
  auto edit = std::make_unique<client::EditImpl>();
  edit->session = impl_;
  edit->base = impl_->client->ReadAnyAge(impl_->ref);
  return Edit(std::move(edit));
}

Committed Session::Delete(std::chrono::milliseconds timeout) {
  Delta delta;
  delta.deletes_session = true;
  return impl_->client->Commit(impl_->ref, std::move(delta), timeout);
}

}  // namespace sessionhub
