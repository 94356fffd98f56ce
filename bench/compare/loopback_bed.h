// The test bed for where network namespaces are not allowed: hosts are addresses of 127.0.0.0/8,
// all of which the loopback interface has, and processes are plain ones. What hosts have sent on
// the back network is what TCP says that sockets of 127.18.0.0/16 have sent, payload alone.
#ifndef BENCH_COMPARE_LOOPBACK_BED_H_
#define BENCH_COMPARE_LOOPBACK_BED_H_

#include <memory>

#include "absl/status/statusor.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

// NotFound, naming the package, without `ss`. FailedPrecondition while the loopback interface has
// another such bed, or a program listens on the port of web nodes at all addresses. Unimplemented
// where the kernel does not say what sockets have sent.
absl::StatusOr<std::unique_ptr<TestBed>> MakeLoopbackBed();

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_LOOPBACK_BED_H_
