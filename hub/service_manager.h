// ServiceManager: tells whoever started the hub as a service how far it is, as sd_notify(3) of
// systemd does: one datagram to the socket that the environment variable NOTIFY_SOCKET names.
#ifndef HUB_SERVICE_MANAGER_H_
#define HUB_SERVICE_MANAGER_H_

#include <string>

#include "absl/status/status.h"

namespace sessionhub::hub {

// Sends `state`: "READY=1" once the hub answers, "STOPPING=1" when it begins to end. Does nothing
// without NOTIFY_SOCKET. From the main thread, which alone may touch the environment.
//
// InvalidArgument if NOTIFY_SOCKET is no address of a socket; Unavailable if it cannot be written
// to. The hub can go on with both: the manager then takes it for one that never got ready.
absl::Status TellServiceManager(const std::string& state);

}  // namespace sessionhub::hub

#endif  // HUB_SERVICE_MANAGER_H_
