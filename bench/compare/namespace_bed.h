// The test bed whose hosts are network namespaces, each with two interfaces: `front0` and `back0`.
// What every host sends on the back network is counted by the kernel, in frames of an Ethernet with
// an MTU of 1,500 bytes, so that headers, acknowledgements, heartbeats and membership are in it.
// Namespaces live by descriptors and have no names.
#ifndef BENCH_COMPARE_NAMESPACE_BED_H_
#define BENCH_COMPARE_NAMESPACE_BED_H_

#include <memory>

#include "absl/status/statusor.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

// Takes the calling thread into a network of its own, and where that needs one into a user
// namespace. Without any effect PermissionDenied where that is not allowed, and NotFound, naming
// the package, without `ip` or `ethtool`.
absl::StatusOr<std::unique_ptr<TestBed>> MakeNamespaceBed();

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_NAMESPACE_BED_H_
