// GeneratorProcess: the process behind a Worker of a load: one node with its sessions, and a
// Generator. Links the client.
#ifndef BENCH_LOAD_GENERATOR_PROCESS_H_
#define BENCH_LOAD_GENERATOR_PROCESS_H_

#include <string>

#include "absl/status/status.h"

namespace sessionhub::bench {

struct GeneratorProcessOptions {
  std::string endpoint;
  std::string app;
  std::string name;
  std::string tls_ca = {};  // roots of the hub's certificate; empty: plaintext
};

// Reads commands from standard input until its end; answers on standard output:
//
//   {"do": "attach"}
//   {"do": "open", "written": [ID…], "read": [ID…]}   commits go to the first, which it makes
//   {"do": "fill", "fields": N, "bytes": B}           all written sessions, so many bytes in each;
//                                                     "random": that no compression makes fewer
//   {"do": "run", …}                                  a GeneratorOrder; answers its counts
//   {"do": "populate", "prefix": P, "first": F, "count": N, …}   a CrowdFill
//   {"do": "serve", "prefix": P, "first": F, "count": N, …}      CrowdRequests; answers the counts
//   {"do": "count"}                                   {"sessions": N}: how many the hub has
//   {"do": "settle", "versions": {ID: V}}             until its copies have these versions
//   {"do": "versions"}                                {"versions": {ID: V}} of what it writes
absl::Status RunGeneratorProcess(const GeneratorProcessOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_LOAD_GENERATOR_PROCESS_H_
