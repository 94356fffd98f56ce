// NodeName: what sessionhubctl is called where it is a node.
#ifndef CLIENT_CTL_NODE_NAME_H_
#define CLIENT_CTL_NODE_NAME_H_

#include <string>

namespace sessionhub::ctl {

// "sessionhubctl-PID-RANDOM": the process id alone is 1 in every container.
std::string NodeName();

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_NODE_NAME_H_
