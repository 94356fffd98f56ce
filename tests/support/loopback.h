// Plain TCP sockets on loopback, for tests that speak bytes. -1 where the system refuses.
#ifndef TESTS_SUPPORT_LOOPBACK_H_
#define TESTS_SUPPORT_LOOPBACK_H_

namespace sessionhub::testing {

// Listens on a free port, which `port` gets.
int ListenOnLoopback(int* port);
int ConnectToLoopback(int port);

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_LOOPBACK_H_
