#include "bench/report/results_files.h"

#include <time.h>

#include <array>
#include <fstream>

#include "bench/overload/gauge.h"
#include "bench/overload/goal_row.h"
#include "bench/report/micro_times.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

absl::Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.flush();
  if (!file) return absl::UnavailableError("cannot write " + path);
  return absl::OkStatus();
}

}  // namespace

std::string Today() {
  const time_t now = time(nullptr);
  tm day = {};
  gmtime_r(&now, &day);
  std::array<char, 16> text = {};
  strftime(text.data(), text.size(), "%Y-%m-%d", &day);
  return text.data();
}

std::string ResultsPage(const ResultsFiles& files, const Findings& findings) {
  std::string page = "# The hub beside its limits and a peer: " + files.date +
                     "\n\n- Commit: " + files.commit + "; " + DescribeMachine() +
                     ".\n- Command: `" + files.command + "`; all figures are in [" + files.date +
                     "-report.json](" + files.date + "-report.json).\n\n" +
                     GoalTable(findings.goals());
  if (!files.limits_table.empty()) page += "\n```\n" + files.limits_table + "\n```\n";
  return page;
}

absl::Status WriteResults(const ResultsFiles& files, const Findings& findings) {
  const std::string begin = files.folder + "/" + files.date;
  RETURN_IF_ERROR(findings.WriteJson(begin + "-report.json", files.command, files.commit));
  RETURN_IF_ERROR(WriteText(begin + "-report-table.md", ResultsPage(files, findings)));
  if (files.micro_json.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string micro_json, WithoutPlace(files.micro_json));
  return WriteText(begin + "-micro.json", micro_json);
}

}  // namespace sessionhub::bench
