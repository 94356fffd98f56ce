#include "bench/compare/report_page.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bench/compare/programs.h"
#include "bench/demo/process.h"
#include "bench/overload/run_folder.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::minutes kReportMax{5};
// Debian's own, which has Debian's packages; the first in PATH may be another.
constexpr char kPython[] = "/usr/bin/python3";

// Beside an installed program, or in the tree that this program was built from.
std::string ReportProgram() {
  std::string installed = ProgramFolder() + "/../share/sessionhub/compare_report/compare_report.py";
  return access(installed.c_str(), R_OK) == 0 ? installed : SESSIONHUB_COMPARE_REPORT;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

absl::Status RunReport(const std::vector<std::string>& arguments, const std::string& folder) {
  std::vector<std::string> argv = {kPython, ReportProgram()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const std::string output = folder + "/report.out";
  const absl::Status status = RunHelper(argv, output, kReportMax);
  if (status.ok()) return status;
  return absl::Status(status.code(), ReadAll(output) + std::string(status.message()));
}

// Runs `work` with a temporary folder that goes with it.
template <typename Work>
absl::Status InRunFolder(const Work& work) {
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("compare-report"));
  const absl::Status status = work(folder);
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  return status;
}

}  // namespace

absl::Status CheckReportProgram() {
  RETURN_IF_ERROR(FindProgram("python3", "python3").status());
  return InRunFolder([](const std::string& folder) { return RunReport({"--help"}, folder); });
}

absl::Status MakeReport(const CompareResults& results, const std::string& folder) {
  return InRunFolder([&](const std::string& own_folder) -> absl::Status {
    const std::string path = own_folder + "/run.json";
    RETURN_IF_ERROR(WriteResults(results, path));
    return RunReport({path, "--out", folder}, own_folder);
  });
}

}  // namespace sessionhub::bench
