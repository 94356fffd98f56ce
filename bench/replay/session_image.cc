#include "bench/replay/session_image.h"

#include <algorithm>
#include <string>

#include "bench/replay/hub_frames.h"
#include "bench/replay/wire_model.h"

namespace sessionhub::bench {

void SessionImage::Apply(const PathBook& book, const std::vector<FieldChange>& changes) {
  ++version_;
  for (const FieldChange& change : changes) Set(book, change);
}

void SessionImage::Set(const PathBook& book, const FieldChange& change) {
  auto field = std::lower_bound(fields_.begin(), fields_.end(), change.path,
                                [](const Field& a, uint32_t path) { return a.path < path; });
  if (field == fields_.end() || field->path != change.path) {
    field = fields_.insert(field, Field{change.path});
  }
  entry_bytes_ -= field->entry_bytes;
  reply_bytes_ -= field->reply_bytes;
  const std::string& path = book.at(change.path).text;
  const std::string text = ValueText(change.value);
  field->entry_bytes = static_cast<uint32_t>(EntryBytes(path.size(), text.size()));
  field->reply_bytes =
      static_cast<uint32_t>(RedisBulkBytes(path.size()) + RedisBulkBytes(text.size()));
  field->op_bytes = static_cast<uint32_t>(CatchUpOpBytes(book, change));
  field->version = version_;
  entry_bytes_ += field->entry_bytes;
  reply_bytes_ += field->reply_bytes;
}

size_t SessionImage::AttributeEntryBytes(const PathBook& book, uint32_t attribute) const {
  size_t bytes = 0;
  for (const Field& field : fields_) {
    if (book.at(field.path).attribute == attribute) bytes += field.entry_bytes;
  }
  return bytes;
}

}  // namespace sessionhub::bench
