#include "bench/overload/run_folder.h"

#include <stdlib.h>

#include <filesystem>

#include "bench/demo/commit_log.h"
#include "bench/demo/figures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {

absl::StatusOr<std::string> MakeRunFolder(const std::string& name, const std::string& parent) {
  std::error_code error;
  const std::filesystem::path place =
      parent.empty() ? std::filesystem::temp_directory_path(error) : std::filesystem::path(parent);
  std::string folder = place / ("sessionhub-" + name + ".XXXXXX");
  if (error || mkdtemp(folder.data()) == nullptr) {
    return absl::UnavailableError("cannot make a temporary folder like " + folder);
  }
  return folder;
}

void RunMeasure(const std::string& name, const std::string& folder, Findings* findings,
                const std::function<absl::Status(const std::string& own_folder)>& measure) {
  findings->Begin(name);
  findings->Say(name + ":");
  const int64_t begun_us = MonotonicMicros();
  const std::string own_folder = folder + "/" + name;
  std::error_code ignored;
  std::filesystem::create_directories(own_folder, ignored);
  const absl::Status status = measure(own_folder);
  if (!status.ok()) findings->Violation("could not be measured: " + status.ToString());
  const double seconds = static_cast<double>(MonotonicMicros() - begun_us) / 1e6;
  findings->Figure("seconds", seconds);
  findings->Say("  took " + OneDecimal(seconds) + " s");
  if (!findings->failed()) std::filesystem::remove_all(own_folder, ignored);
}

absl::StatusOr<bool> EndRun(const Findings& findings, const std::string& folder,
                            const FiguresFile& file, const std::string& good) {
  if (!file.path.empty()) {
    RETURN_IF_ERROR(findings.WriteJson(file.path, file.command, file.commit));
  }
  if (findings.failed()) {
    findings.Say("FAILED; logs and data are kept in " + folder);
    return false;
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  findings.Say("OK: " + good);
  return true;
}

}  // namespace sessionhub::bench
