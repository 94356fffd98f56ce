#include "bench/replay/path_book.h"

#include <utility>

namespace sessionhub::bench {

uint32_t PathBook::Number(const std::string& text) {
  const auto [it, is_new] = numbers_.emplace(text, static_cast<uint32_t>(entries_.size()));
  if (!is_new) return it->second;
  Entry entry;
  entry.text = text;
  entry.path = Path::FromText(text).value_or(Path());
  const std::string attribute = text.substr(0, text.find('/'));
  entry.attribute =
      attributes_.emplace(attribute, static_cast<uint32_t>(attributes_.size())).first->second;
  entry.whole = attribute.size() == text.size();
  entries_.push_back(std::move(entry));
  return it->second;
}

std::string ValueText(const Value& value) {
  if (const std::optional<int64_t> number = value.AsInt()) return std::to_string(*number);
  const std::string* text = value.AsString();
  return text ? *text : "";
}

}  // namespace sessionhub::bench
