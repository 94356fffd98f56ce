#include "bench/overload/run_folder.h"

#include <stdlib.h>

#include <filesystem>

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
