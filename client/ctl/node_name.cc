#include "client/ctl/node_name.h"

#include <unistd.h>

#include <random>

namespace sessionhub::ctl {

std::string NodeName() {
  return "sessionhubctl-" + std::to_string(getpid()) + "-" + std::to_string(std::random_device{}());
}

}  // namespace sessionhub::ctl
