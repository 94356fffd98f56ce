#include "bench/replay/session_shape.h"

#include "absl/status/status.h"
#include "bench/demo/request.h"

namespace sessionhub::bench {
namespace {

std::string FieldPath(size_t field, size_t fields_per_attribute) {
  std::string name = "field-" + std::to_string(field);
  if (fields_per_attribute == 1) return name;
  return "attribute-" + std::to_string(field / fields_per_attribute) + "/" + name;
}

}  // namespace

absl::Status CheckReplayOptions(const ReplayOptions& options) {
  if (options.log_paths.empty() == options.baskets_path.empty()) {
    return absl::InvalidArgumentError("name either --log or --baskets: what is to be replayed");
  }
  if (options.session_field != 0 && !options.session_cookie.empty()) {
    return absl::InvalidArgumentError("--session-field and --session-cookie exclude each other");
  }
  if (options.fields_changed > options.session_fields) {
    return absl::InvalidArgumentError(
        "--fields-changed is " + std::to_string(options.fields_changed) +
        ", more than the --session-fields, which are " + std::to_string(options.session_fields));
  }
  const size_t changed_bytes = options.fields_changed * options.value_bytes;
  if (changed_bytes > options.session_bytes) {
    return absl::InvalidArgumentError(
        "--fields-changed of --value-bytes are " + std::to_string(changed_bytes) +
        " bytes, more than --session-bytes, which is " + std::to_string(options.session_bytes));
  }
  return absl::OkStatus();
}

LogShape::LogShape(const ReplayOptions& options, PathBook* book) {
  const size_t others = options.session_fields - options.fields_changed;
  const size_t rest = options.session_bytes - options.fields_changed * options.value_bytes;
  for (size_t field = 0; field < options.session_fields; ++field) {
    FieldChange change;
    change.path = book->Number(FieldPath(field, options.fields_per_attribute));
    size_t bytes = options.value_bytes;
    if (field >= options.fields_changed) {
      // The rest in equal parts, the first of them one byte longer where it does not come out even.
      const size_t place = field - options.fields_changed;
      bytes = rest / others + (place < rest % others ? 1 : 0);
    }
    change.value = Value(std::string(bytes, 'x'));
    all_.push_back(change);
    if (field < options.fields_changed) changed_.push_back(change);
  }
}

std::vector<FieldChange> Shopper::Add(const std::string& code) {
  ++count_;
  return {{book_.Number(QuantityPath(code)), Value(++quantities_[code]), true},
          {book_.Number("cart/count"), Value(count_), true},
          {book_.Number("cart/last"), Value(code), false},
          {book_.Number("visit/requests"), Value(count_), true}};
}

}  // namespace sessionhub::bench
