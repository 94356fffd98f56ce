// A temporary folder for what a run starts (data folders, logs), its measures, and what becomes of
// it in the end.
#ifndef BENCH_OVERLOAD_RUN_FOLDER_H_
#define BENCH_OVERLOAD_RUN_FOLDER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/overload/findings.h"

namespace sessionhub::bench {

// Makes sessionhub-NAME.?????? in `parent`, or in the system's temporary folder without one.
// Unavailable if that cannot be.
absl::StatusOr<std::string> MakeRunFolder(const std::string& name, const std::string& parent = "");

// Runs a part of a run under its name, in a folder of its own below `folder`, and tells how long it
// took. An error of it is told as a violation; its folder is removed if nothing was violated.
void RunMeasure(const std::string& name, const std::string& folder, Findings* findings,
                const std::function<absl::Status(const std::string& own_folder)>& measure);

// Where a run's figures go; with an empty path they are not written.
struct FiguresFile {
  std::string path;
  std::string command;  // what was called
  std::string commit;   // what was built
};

// Writes the figures, says how the run ended ("OK: " and `good`, if nothing was violated), and
// removes its folder, which is kept after a failure. True if nothing was violated; Unavailable if
// the figures cannot be written.
absl::StatusOr<bool> EndRun(const Findings& findings, const std::string& folder,
                            const FiguresFile& file, const std::string& good);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_RUN_FOLDER_H_
