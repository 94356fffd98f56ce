#include "bench/overload/commands.h"

#include <iostream>
#include <thread>

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kWorkerLook{5};

}  // namespace

bool WaitUntil(const std::function<bool()>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + kWorkerPatience;
  while (!reached() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kWorkerLook);
  }
  return reached();
}

absl::Status Late(const std::string& what) {
  return absl::DeadlineExceededError(what + " in " + std::to_string(kWorkerPatience.count()) +
                                     " ms");
}

absl::Status AnswerCommands(
    const std::function<absl::StatusOr<nlohmann::json>(const nlohmann::json&)>& answer) {
  for (std::string line; std::getline(std::cin, line);) {
    const nlohmann::json command = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    absl::StatusOr<nlohmann::json> result = absl::InvalidArgumentError("a command is no object");
    if (command.is_object()) result = answer(command);
    if (!result.ok()) result = nlohmann::json{{"error", result.status().ToString()}};
    std::cout << result->dump() << std::endl;
  }
  return absl::OkStatus();
}

void LogWarnings(LogSeverity severity, const std::string& line) {
  if (severity != LogSeverity::kInfo) std::cerr << line + "\n";
}

}  // namespace sessionhub::bench
