#include "hub/options/given.h"

#include <algorithm>
#include <numeric>

namespace sessionhub::hub {
namespace {

constexpr size_t kProblemsShownMax = 100;
// Longer names are none of ours.
constexpr size_t kComparedBytesMax = 64;

// As names differ in files, flags and the environment: SESSIONHUB_LEASE_MS is lease-ms.
std::string Folded(const std::string& name) {
  std::string folded;
  for (const char c : name) {
    if (c == '_') {
      folded += '-';
    } else {
      folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return folded;
}

// How many characters must be changed, put in or taken out (Levenshtein).
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

void Problems::Add(const std::string& problem, size_t line) {
  if (++count_ <= kProblemsShownMax) by_line_.emplace(line, problem);
}

absl::Status Problems::ToStatus() const {
  if (empty()) return absl::OkStatus();
  std::string all;
  for (const auto& [line, problem] : by_line_) all += (all.empty() ? "" : "\n") + problem;
  if (count_ > kProblemsShownMax) {
    all += "\nand " + std::to_string(count_ - kProblemsShownMax) + " more of the kind";
  }
  return absl::InvalidArgumentError(all);
}

const Option* FindOption(const std::vector<Option>& options, const std::string& name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&name](const Option& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

std::string Nearest(const std::string& written, const std::vector<std::string>& names) {
  if (written.size() > kComparedBytesMax) return "";
  std::string nearest;
  // A third of the name may be wrong.
  size_t least = 1 + written.size() / 3;
  for (const std::string& name : names) {
    const size_t distance = Distance(Folded(written), Folded(name));
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

std::string Suggestion(const std::string& nearest) {
  if (nearest.empty()) return ": sessionhubd --help lists those there are";
  return ": do you mean " + nearest + "?";
}

}  // namespace sessionhub::hub
