// RedisClient: the process behind a Worker that changes sessions in a redis-server, as a web node
// would, so that what clients take of the processor is that of processes of their own.
#ifndef BENCH_REPORT_REDIS_CLIENT_H_
#define BENCH_REPORT_REDIS_CLIENT_H_

#include "absl/status/status.h"
#include "bench/load/generator_process.h"

namespace sessionhub::bench {

// Reads commands from standard input until its end; answers on standard output:
//
//   {"do": "attach"}   answers once the process is there
//   {"do": "run", "in_flight": N, "per_s": R, "delay_s": D, "seconds": S}   over one connection to
//       the endpoint of the options, which is a numeric address; answers as a generator's run does
absl::Status RunRedisClient(const GeneratorProcessOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_REDIS_CLIENT_H_
