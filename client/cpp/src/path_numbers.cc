#include "client/cpp/src/path_numbers.h"

#include <utility>

namespace sessionhub::client {

void PathNumbers::Reset(size_t definitions_max) {
  definitions_max_ = definitions_max;
  numbers_.clear();
  paths_.clear();
}

uint32_t PathNumbers::Number(const Path& path, Definitions* definitions) {
  if (auto it = numbers_.find(path); it != numbers_.end()) return it->second;
  if (numbers_.size() >= definitions_max_) return 0;
  const auto number = static_cast<uint32_t>(numbers_.size() + 1);
  numbers_[path] = number;
  v1::PathDefinition* definition = definitions->Add();
  definition->set_number(number);
  definition->set_path(path.ToText());
  return number;
}

void PathNumbers::Define(const Definitions& definitions) {
  for (const v1::PathDefinition& definition : definitions) {
    absl::StatusOr<Path> path = Path::FromText(definition.path());
    if (path.ok()) paths_[definition.number()] = *std::move(path);
  }
}

const Path* PathNumbers::Find(uint32_t number) const {
  auto it = paths_.find(number);
  return it == paths_.end() ? nullptr : &it->second;
}

}  // namespace sessionhub::client
