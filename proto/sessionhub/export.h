// SESSIONHUB_EXPORT: stands at what the client's shared library shows to its users; everything else
// is hidden there. A class needs it if it has a member that is defined in a .cc, a function for
// itself. Part of the public client API (C++17).
#ifndef SESSIONHUB_EXPORT_H_
#define SESSIONHUB_EXPORT_H_

#define SESSIONHUB_EXPORT __attribute__((visibility("default")))

#endif  // SESSIONHUB_EXPORT_H_
