// Finding: one thing that is wrong with a data folder, a backup or a configuration.
#ifndef HUB_OFFLINE_FINDING_H_
#define HUB_OFFLINE_FINDING_H_

#include <string>
#include <vector>

namespace sessionhub::hub {

struct Finding {
  std::string where;   // a path, or records within one
  std::string what;    // what is wrong; never an id or a value
  std::string remedy;  // what to do
  // Nothing is wrong, but something is better done otherwise.
  bool advice = false;
};

using Findings = std::vector<Finding>;

}  // namespace sessionhub::hub

#endif  // HUB_OFFLINE_FINDING_H_
