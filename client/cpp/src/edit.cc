#include "sessionhub/edit.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/cpp/src/refused.h"
#include "client/cpp/src/session_impl.h"
#include "proto/session/json.h"
#include "proto/session/refusal.h"
#include "proto/session/status_macros.h"
#include "sessionhub/session.h"

namespace sessionhub {

namespace client {

EditImpl::~EditImpl() {
  if (committed || !session->client->verifies()) return;
  std::string lost;
  for (const Operation& operation : delta.operations) lost += " " + operation.path.ToText();
  for (const auto& object : tracked) {
    const absl::StatusOr<TrackedImpl::Changes> changes = object->Collect();
    if (!changes.ok()) continue;  // it is gone, or was never to be sent
    for (const Operation& operation : changes->delta.operations) {
      lost += " " + operation.path.ToText();
    }
  }
  if (lost.empty() && delta.empty()) return;
  session->client->Warn("verify: an Edit of session " + std::to_string(session->ref.number) +
                        " is dropped and its changes are not committed:" +
                        (lost.empty() ? " a timeout or an owner" : lost));
}

void EditImpl::Add(Operation::Kind kind, std::string_view path, Value value) {
  seen.clear();
  Path parsed = Parse(path);
  if (!parsed.empty()) delta.operations.push_back({kind, std::move(parsed), std::move(value)});
}

Path EditImpl::Parse(std::string_view path) {
  absl::StatusOr<Path> parsed = Path::FromText(path);
  if (parsed.ok()) return *std::move(parsed);
  Fail(parsed.status());
  return Path();
}

void EditImpl::Append(std::string_view path, const Value& end) {
  Path parsed = Parse(path);
  if (parsed.empty()) return;
  const Value* held = Get(parsed);
  const std::string* added = ContentOf(end);
  if (!added || (held && held->type() != end.type())) {
    return Fail(RefusalStatus(
        v1::WRONG_TYPE, parsed.ToText() + ": append of " + TypeName(end.type()) +
                            (held ? std::string(" to ") + TypeName(held->type()) : std::string()) +
                            ": append a string to a string, or bytes to bytes"));
  }
  std::string whole = (held ? *ContentOf(*held) : std::string()) + *added;
  Value value = end.AsBytes() ? Value::Bytes(std::move(whole)) : Value(std::move(whole));
  for (Operation& operation : delta.operations) {
    if (&operation.value != held) continue;
    operation.value = std::move(value);  // so that it still goes out as one splice
    return;
  }
  seen.clear();
  delta.operations.push_back({Operation::Kind::kPut, std::move(parsed), std::move(value)});
}

void EditImpl::AddCondition(std::string_view path, bool absent, Version unchanged_since) {
  Path parsed = Parse(path);
  if (parsed.empty()) return;
  delta.conditions.push_back({std::move(parsed), absent, unchanged_since});
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
      case Operation::Kind::kSplice:
        break;  // an Edit holds whole values
    }
  }
  return value;
}

FieldMap EditImpl::FieldsBelow(const Path& root) const {
  FieldMap fields;
  if (base) {
    const FieldMap& all = base->fields->map;
    for (auto it = all.lower_bound(root); it != all.end() && root.Covers(it->first); ++it) {
      fields.insert(fields.end(), *it);
    }
  }
  for (const Operation& operation : delta.operations) {
    const bool from_above =
        operation.kind == Operation::Kind::kEraseSubtree && operation.path.Covers(root);
    // As in Get, what cannot be is the hub's to refuse.
    if (from_above || root.Covers(operation.path)) (void)Apply(Delta{{operation}}, &fields);
  }
  return fields;
}

absl::Status EditImpl::SetJson(std::string_view path, std::string_view document) {
  ASSIGN_OR_RETURN(const Path root, Path::FromText(path));
  ASSIGN_OR_RETURN(const FieldMap fields, FieldsOfJson(root, document));
  seen.clear();
  Delta changes = DiffJson(root, FieldsBelow(root), fields);
  std::move(changes.operations.begin(), changes.operations.end(),
            std::back_inserter(delta.operations));
  return absl::OkStatus();
}

SentImages::SentImages(EditImpl* edit) {
  std::vector<TrackedImpl::Changes> changes;
  for (const auto& tracked : edit->tracked) {
    if (!edit->status.ok()) return;
    absl::StatusOr<TrackedImpl::Changes> one = tracked->Collect();
    if (!one.ok()) {
      edit->Fail(one.status());
      return;
    }
    changes.push_back(*std::move(one));
  }
  for (size_t i = 0; i < changes.size(); ++i) {
    std::vector<Operation>& operations = changes[i].delta.operations;
    if (operations.empty()) continue;
    std::move(operations.begin(), operations.end(), std::back_inserter(edit->delta.operations));
    sent_.push_back({edit->tracked[i], edit->tracked[i]->Sent(std::move(changes[i].now))});
  }
}

void SentImages::Settle(const Committed& committed) const {
  for (const Sent& one : sent_) one.tracked->Settle(one.commit, committed.kind);
}

// The whole milliseconds of a timeout; `*status` tells of one that is none.
uint64_t TimeoutMs(std::chrono::milliseconds timeout, absl::Status* status) {
  if (timeout.count() >= 0) return static_cast<uint64_t>(timeout.count());
  if (status->ok()) {
    *status = absl::InvalidArgumentError("timeout is below 0 ms: give 0 for none");
  }
  return 0;
}

// What an Edit can tell without the hub: that its session or a path is not legal, or that there is
// nothing to do.
bool EndsHere(const EditImpl& edit, Committed* committed) {
  if (!edit.status.ok()) {
    *committed = RefusedHere(edit.status);
    edit.session->client->NoteRefused(edit.session->ref);
    return true;
  }
  const Delta& delta = edit.delta;
  if (!delta.empty() || delta.HasConditions() || delta.after_previous || delta.lock_token != 0) {
    return false;
  }
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

Edit& Edit::SetIdleTimeout(std::chrono::milliseconds timeout) {
  impl_->delta.settings.idle_timeout_ms = client::TimeoutMs(timeout, &impl_->status);
  return *this;
}

Edit& Edit::SetAbsoluteTimeout(std::chrono::milliseconds timeout) {
  impl_->delta.settings.absolute_timeout_ms = client::TimeoutMs(timeout, &impl_->status);
  return *this;
}

Edit& Edit::SetOwner(std::string_view owner) {
  impl_->delta.settings.owner = std::string(owner);
  return *this;
}

Edit& Edit::Append(std::string_view path, const Value& end) {
  impl_->Append(path, end);
  return *this;
}

Edit& Edit::IfVersion(uint64_t version) {
  impl_->delta.if_version = version;
  if (version == 0) impl_->Fail(absl::InvalidArgumentError("IfVersion(0): versions start at 1"));
  return *this;
}

Edit& Edit::IfAbsent(std::string_view path) {
  impl_->AddCondition(path, true, 0);
  return *this;
}

Edit& Edit::IfUnchangedSince(std::string_view path, uint64_t version) {
  impl_->AddCondition(path, false, version);
  return *this;
}

Edit& Edit::AfterPrevious() {
  impl_->delta.after_previous = true;
  return *this;
}

const Value* Edit::Get(std::string_view path) const {
  absl::StatusOr<Path> parsed = Path::FromText(path);
  return parsed.ok() ? impl_->Get(*parsed) : nullptr;
}

Edit& Edit::SetJson(std::string_view path, std::string_view document) {
  impl_->Fail(impl_->SetJson(path, document));
  return *this;
}

absl::StatusOr<std::string> Edit::GetJson(std::string_view path) const {
  ASSIGN_OR_RETURN(const Path root, Path::FromText(path));
  return JsonOfFields(root, impl_->FieldsBelow(root));
}

Tracked Edit::TrackEncoded(std::string_view path, client::Encoder encoder) {
  absl::StatusOr<Path> parsed = Path::FromText(path);
  if (!parsed.ok()) {
    impl_->Fail(parsed.status());
    return {};
  }
  FieldMap held = impl_->FieldsBelow(*parsed);
  const auto tracked =
      std::make_shared<client::TrackedImpl>(*std::move(parsed), std::move(encoder));
  impl_->Fail(tracked->HandOut(std::move(held)));
  impl_->tracked.push_back(tracked);
  return Tracked(tracked);
}

Edit& Edit::Track(const Tracked& tracked) {
  std::vector<std::shared_ptr<client::TrackedImpl>>& all = impl_->tracked;
  if (!tracked.impl_) {
    impl_->Fail(
        absl::InvalidArgumentError("a Tracked that tracks nothing: take it of Edit::Track"));
  } else if (std::find(all.begin(), all.end(), tracked.impl_) == all.end()) {
    all.push_back(tracked.impl_);
  }
  return *this;
}

std::string Tracked::path() const {
  return impl_ ? impl_->path().ToText() : "";
}

bool Edit::empty() const {
  return impl_->delta.empty() && impl_->tracked.empty() && impl_->status.ok();
}

Committed Edit::Commit(Ack ack, std::chrono::milliseconds timeout) && {
  const std::unique_ptr<client::EditImpl> edit = std::move(impl_);
  edit->committed = true;
  // Before anything looks at the delta: what tracked objects have changed by belongs to it.
  const client::SentImages images(edit.get());
  Committed committed;
  if (!EndsHere(*edit, &committed)) {
    client::Splices splices = edit->FindSplices();
    committed = edit->session->client->Commit(edit->session->ref, std::move(edit->delta), ack,
                                              timeout, std::move(splices));
  }
  images.Settle(committed);
  return committed;
}

void Edit::Commit(Ack ack, std::function<void(const Committed&)> done) && {
  const std::unique_ptr<client::EditImpl> edit = std::move(impl_);
  edit->committed = true;
  // Before anything looks at the delta: what tracked objects have changed by belongs to it.
  const client::SentImages images(edit.get());
  Committed committed;
  if (EndsHere(*edit, &committed)) {
    edit->session->client->Tell(std::move(done), std::move(committed));
    return;
  }
  if (!edit->tracked.empty()) {
    done = [images, tell = std::move(done)](const Committed& ended) {
      images.Settle(ended);
      tell(ended);
    };
  }
  client::Splices splices = edit->FindSplices();
  edit->session->client->Commit(edit->session->ref, std::move(edit->delta), ack, std::move(done),
                                std::move(splices));
}

}  // namespace sessionhub
