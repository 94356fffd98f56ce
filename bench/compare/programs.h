// Where the programs are that the comparison starts, and short ones that it runs to their end.
#ifndef BENCH_COMPARE_PROGRAMS_H_
#define BENCH_COMPARE_PROGRAMS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::bench {

// The path of a program of Debian's `package`, from PATH or where Debian keeps an administrator's.
// NotFound, naming the package and how it is installed.
absl::StatusOr<std::string> FindProgram(const std::string& name, const std::string& package);
// That error, of a program that is found by other means.
absl::Status NotInstalled(const std::string& name, const std::string& package);

// The path of a program of this project: beside the running one, or, for a test of the build, in
// the folder of the build's programs.
std::string OwnProgram(const std::string& name);

// Runs it to its end, at most 20 s. Internal with what it printed if it does not exit with 0.
absl::Status RunTool(const std::vector<std::string>& argv);
// And what it prints, standard error too.
absl::StatusOr<std::string> ReadTool(const std::vector<std::string>& argv);

// Runs `ip` once for all of these commands, in the calling thread's network.
absl::Status RunIp(const std::vector<std::string>& commands);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_PROGRAMS_H_
