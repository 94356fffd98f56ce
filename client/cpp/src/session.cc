#include "sessionhub/session.h"

#include <utility>

#include "client/cpp/src/session_impl.h"
#include "proto/session/json.h"

namespace sessionhub {

namespace client {

SessionImpl::~SessionImpl() {
  if (client->fork_guard().forked()) {
    new std::shared_ptr<ClientImpl>(client);  // must not be destroyed where its threads are not
    return;
  }
  client->Unpin(ref);
}

std::string SessionImpl::Id() {
  if (client->fork_guard().forked()) return opened_as_;
  std::optional<std::string> now = client->IdOf(ref);
  absl::MutexLock lock(&mutex_);
  if (now) last_told_ = *std::move(now);
  return last_told_.empty() ? opened_as_ : last_told_;
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

absl::StatusOr<std::string> View::GetJson(std::string_view path) const {
  const absl::StatusOr<Path> root = Path::FromText(path);
  if (!root.ok()) return root.status();
  return JsonOfFields(*root, impl_->fields->map);
}

uint64_t View::version() const {
  return impl_->version;
}
size_t View::field_count() const {
  return impl_->fields->map.size();
}

// ---- Session ----

std::string Session::id() const {
  return impl_->Id();
}
uint64_t Session::number() const {
  return impl_->ref.number;
}

absl::StatusOr<View> Session::Read(ReadOptions options) const {
  absl::StatusOr<std::shared_ptr<const client::ViewImpl>> view =
      impl_->client->Read(impl_->ref, options);
  if (!view.ok()) return view.status();
  return View(*std::move(view));
}

Edit Session::Begin() const {
  auto edit = std::make_unique<client::EditImpl>();
  edit->session = impl_;
  edit->base = impl_->client->Begin(impl_->ref);
  return Edit(std::move(edit));
}

absl::StatusOr<Subscription> Session::Subscribe(std::function<void(const Event&)> callback) const {
  auto subscriber = impl_->client->Subscribe(impl_->ref, std::move(callback));
  if (!subscriber.ok()) return subscriber.status();
  return Subscription(std::make_unique<client::SubscriptionImpl>(impl_, *std::move(subscriber)));
}

Subscription::Subscription(std::unique_ptr<client::SubscriptionImpl> impl)
    : impl_(std::move(impl)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

absl::Status Session::ChangeId(std::string_view new_id, std::chrono::milliseconds alias_window,
                               std::chrono::milliseconds timeout) {
  return impl_->client->ChangeId(impl_->ref, std::string(new_id), alias_window, timeout);
}

Committed Session::Delete(std::chrono::milliseconds timeout, Ack ack) {
  Delta delta;
  delta.deletes_session = true;
  return impl_->client->Commit(impl_->ref, std::move(delta), ack, timeout);
}

}  // namespace sessionhub
