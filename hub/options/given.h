// What somebody has given for options, wherever that was, and what was wrong with it.
#ifndef HUB_OPTIONS_GIVEN_H_
#define HUB_OPTIONS_GIVEN_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hub/options/option.h"

namespace sessionhub::hub {

// One option at one place: a line of a file, a variable of the environment, or a flag.
struct Given {
  std::string name;     // that of the option
  std::string place;    // "FILE:3", "SESSIONHUB_LEASE_MS", "--lease-ms"
  std::string subject;  // what a message about it begins with: "FILE:3: lease-ms", else the place
  std::vector<std::string> texts;  // one; of a list any number
  size_t line = 0;                 // of a file, from 1 on
};

// Collects what is wrong, a line each, so that people are told everything at once.
class Problems {
 public:
  // With the line of the file that it is in, if it is in one. Past the first hundred they are only
  // counted: some file that holds no options has thousands.
  void Add(const std::string& problem, size_t line = 0);

  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  // InvalidArgument with all of them, those of a file last and in its order, without a line break
  // at the end; OK if there are none.
  absl::Status ToStatus() const;

 private:
  size_t count_ = 0;
  std::multimap<size_t, std::string> by_line_;
};

// The option of this name; nullptr if there is none.
const Option* FindOption(const std::vector<Option>& options, const std::string& name);

// The one of `names` that differs from `written` by so little that it may be meant, upper case and
// underscores aside; "" if there is none.
std::string Nearest(const std::string& written, const std::vector<std::string>& names);

// ": do you mean NAME?", or what else to do if there is no such name.
std::string Suggestion(const std::string& nearest);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_GIVEN_H_
