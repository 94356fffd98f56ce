#include <utility>

#include "client/cpp/src/session_impl.h"
#include "sessionhub/session.h"

namespace sessionhub {

namespace client {

void EditImpl::Add(Operation::Kind kind, std::string_view path, Value value) {
  seen.clear();
  absl::StatusOr<Path> parsed = Path::FromText(path);
  if (!parsed.ok()) {
    if (status.ok()) status = parsed.status();
    return;
  }
  delta.operations.push_back({kind, *std::move(parsed), std::move(value)});
}

const Value* EditImpl::Get(const Path& path) const {
  const Value* value = nullptr;
  if (base) {
    auto it = base->fields->map.find(path);
    if (it != base->fields->map.end()) value = &it->second;
  }
  for (const Operation& operation : delta.operations) {
    switch (operation.kind) {
      case Operation::Kind::kPut:
        if (operation.path == path) value = &operation.value;
        break;
      case Operation::Kind::kErase:
        if (operation.path == path) value = nullptr;
        break;
      case Operation::Kind::kEraseSubtree:
        if (operation.path.Covers(path)) value = nullptr;
        break;
      case Operation::Kind::kIncrement:
        if (operation.path != path) break;
        // A sum that cannot be is the hub's to refuse; until then the field shows what it held.
        if (absl::StatusOr<Value> sum = Increment(value, operation.value); sum.ok()) {
          value = &seen[path].emplace(*std::move(sum));
        }
        break;
    }
  }
  return value;
}

// What an Edit can tell without the hub: that its session or a path is not legal, or that there is
// nothing to do.
bool EndsHere(const EditImpl& edit, Committed* committed) {
  if (!edit.status.ok()) {
    *committed = {Committed::Kind::kRefused, 0, edit.status};
    return true;
  }
  if (!edit.delta.operations.empty()) return false;
  *committed = {Committed::Kind::kApplied, edit.base ? edit.base->version : 0, absl::OkStatus()};
  return true;
}

}  // namespace client

using Kind = Operation::Kind;

Edit::Edit(std::unique_ptr<client::EditImpl> impl) : impl_(std::move(impl)) {}
Edit::Edit(Edit&&) noexcept = default;
Edit& Edit::operator=(Edit&&) noexcept = default;
Edit::~Edit() = default;

Edit& Edit::Set(std::string_view path, Value value) {
  impl_->Add(Kind::kPut, path, std::move(value));
  return *this;
}

Edit& Edit::Erase(std::string_view path) {
  impl_->Add(Kind::kErase, path, Value());
  return *this;
}

Edit& Edit::EraseSubtree(std::string_view path) {
  impl_->Add(Kind::kEraseSubtree, path, Value());
  return *this;
}

Edit& Edit::Increment(std::string_view path, int64_t by) {
  impl_->Add(Kind::kIncrement, path, Value(by));
  return *this;
}

Edit& Edit::IncrementDouble(std::string_view path, double by) {
  impl_->Add(Kind::kIncrement, path, Value(by));
  return *this;
}

const Value* Edit::Get(std::string_view path) const {
  absl::StatusOr<Path> parsed = Path::FromText(path);
  return parsed.ok() ? impl_->Get(*parsed) : nullptr;
}

bool Edit::empty() const {
  return impl_->delta.operations.empty() && impl_->status.ok();
}

Committed Edit::Commit(Ack, std::chrono::milliseconds timeout) && {
  const std::unique_ptr<client::EditImpl> edit = std::move(impl_);
  Committed committed;
  if (EndsHere(*edit, &committed)) return committed;
  return edit->session->client->Commit(edit->session->ref, std::move(edit->delta), timeout);
}

void Edit::Commit(Ack, std::function<void(const Committed&)> done) && {
  const std::unique_ptr<client::EditImpl> edit = std::move(impl_);
  Committed committed;
  if (EndsHere(*edit, &committed)) {
    edit->session->client->Tell(std::move(done), std::move(committed));
    return;
  }
  edit->session->client->Commit(edit->session->ref, std::move(edit->delta), std::move(done));
}

}  // namespace sessionhub
