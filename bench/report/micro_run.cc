#include "bench/report/micro_run.h"

#include <chrono>
#include <fstream>
#include <sstream>

#include "absl/strings/str_join.h"
#include "bench/demo/process.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kMicroMax{120'000};

}  // namespace

absl::StatusOr<std::string> RunMicro(const std::vector<std::string>& names, double seconds,
                                     const std::string& folder) {
  const std::string path = folder + "/micro.json";
  RETURN_IF_ERROR(RunHelper({ProgramFolder() + "/sessionhub-micro",
                             "--benchmark_filter=^(" + absl::StrJoin(names, "|") + ")$",
                             "--benchmark_min_time=" + std::to_string(seconds),
                             "--benchmark_out=" + path, "--benchmark_out_format=json"},
                            folder + "/micro.out", kMicroMax));
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace sessionhub::bench
