#include "client/cpp/src/tracked_impl.h"

#include <exception>
#include <string>

#include "proto/session/json.h"
#include "proto/session/status_macros.h"

namespace sessionhub::client {
namespace {

// The application's code may throw; this library does not, and none of its callers expects it.
absl::StatusOr<Value> Call(const Encoder& encoder) {
  try {
    return encoder();
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(std::string("its encoder threw: ") + error.what());
  } catch (...) {
    return absl::InvalidArgumentError("its encoder threw");
  }
}

absl::StatusOr<FieldMap> FieldsOf(const Path& path, absl::StatusOr<Value> value) {
  if (!value.ok()) return value.status();
  if (const std::string* document = value->AsJson()) return FieldsOfJson(path, *document);
  return FieldMap{{path, *std::move(value)}};
}

// An opaque value, and not a document.
bool IsOpaque(const Path& path, const FieldMap& fields) {
  const auto own = fields.find(path);
  return own != fields.end() && (own->second.AsString() || own->second.AsBytes());
}

}  // namespace

absl::StatusOr<FieldMap> TrackedImpl::Encode() {
  absl::StatusOr<FieldMap> fields = FieldsOf(path_, Call(encoder_));
  if (fields.ok()) return fields;
  return absl::Status(fields.status().code(), "the object tracked at " + path_.ToText() + ": " +
                                                  std::string(fields.status().message()));
}

absl::Status TrackedImpl::HandOut(FieldMap held) {
  absl::StatusOr<FieldMap> now = Encode();
  absl::MutexLock lock(&mutex_);
  handed_out_ = now.status();
  if (!now.ok()) return handed_out_;
  // The first commit writes all of an object that the session has not, or in another form.
  const bool known = !held.empty() && IsOpaque(path_, held) == IsOpaque(path_, *now);
  image_.emplace(path_, known ? *std::move(now) : std::move(held));
  return absl::OkStatus();
}

absl::StatusOr<TrackedImpl::Changes> TrackedImpl::Collect() {
  ASSIGN_OR_RETURN(FieldMap now, Encode());
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(handed_out_);
  Delta delta = image_->Changes(now);
  return Changes{std::move(delta), std::move(now)};
}

uint64_t TrackedImpl::Sent(FieldMap now) {
  absl::MutexLock lock(&mutex_);
  return image_->Sent(std::move(now));
}

void TrackedImpl::Settle(uint64_t commit, Committed::Kind how) {
  absl::MutexLock lock(&mutex_);
  switch (how) {
    case Committed::Kind::kApplied:
      image_->Applied(commit);
      break;
    case Committed::Kind::kRefused:
      image_->Refused(commit);
      break;
    case Committed::Kind::kReceived:  // it may still be refused
    case Committed::Kind::kUnknown:
      image_->Unknown(commit);
      break;
  }
}

}  // namespace sessionhub::client
