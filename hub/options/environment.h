// Options from the environment: SESSIONHUB_LEASE_MS for lease-ms.
#ifndef HUB_OPTIONS_ENVIRONMENT_H_
#define HUB_OPTIONS_ENVIRONMENT_H_

#include <string>
#include <vector>

#include "hub/options/given.h"
#include "hub/options/option.h"

namespace sessionhub::hub {

struct Environment {
  std::vector<Given> given;
  std::string config_file;  // SESSIONHUB_CONFIG; empty: none
};

// What the variables SESSIONHUB_* say ("NAME=value" each, nullptr at the end). An empty one counts
// as none. A problem for each that is no option, but for those of other programs and of tests, and
// for those that Kubernetes and Docker set for a service of our name.
Environment ReadEnvironment(const char* const* variables, const std::vector<Option>& options,
                            Problems* problems);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_ENVIRONMENT_H_
