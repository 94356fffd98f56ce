#include "bench/compare/session_bytes.h"

#include <utility>
#include <vector>

#include "bench/demo/entries.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kNodeBytes = 2;
constexpr size_t kCreatedBytes = 1;
constexpr size_t kIdLengthBytes = 2;

}  // namespace

std::string EncodeSession(const SessionFields& fields) {
  std::string bytes;
  for (const auto& [name, value] : fields) AppendEntry(name, value, &bytes);
  return bytes;
}

absl::StatusOr<SessionFields> DecodeSession(std::string_view bytes) {
  std::vector<std::pair<std::string, std::string>> entries;
  if (!TakeEntries(bytes, &entries)) {
    return absl::DataLossError("a stored session does not end with a field's end");
  }
  SessionFields fields;
  for (auto& [name, value] : entries) fields[std::move(name)] = std::move(value);
  return fields;
}

void ApplyChanges(const SessionFields& changes, SessionFields* fields) {
  for (const auto& [name, value] : changes) (*fields)[name] = value;
}

std::string EncodeNews(const SessionNews& news) {
  std::string bytes;
  AppendNumber(news.node, kNodeBytes, &bytes);
  AppendNumber(news.created ? 1 : 0, kCreatedBytes, &bytes);
  AppendNumber(news.id.size(), kIdLengthBytes, &bytes);
  return bytes + news.id + EncodeSession(news.fields);
}

absl::StatusOr<SessionNews> DecodeNews(std::string_view bytes) {
  const std::optional<size_t> node = TakeNumber(kNodeBytes, &bytes);
  const std::optional<size_t> created = TakeNumber(kCreatedBytes, &bytes);
  SessionNews news;
  if (!node || !created || !TakeText(kIdLengthBytes, &bytes, &news.id)) {
    return absl::DataLossError("a message about a session ends before its id does");
  }
  news.node = *node;
  news.created = *created != 0;
  ASSIGN_OR_RETURN(news.fields, DecodeSession(bytes));
  return news;
}

}  // namespace sessionhub::bench
