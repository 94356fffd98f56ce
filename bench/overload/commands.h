// Commands: the worker's end of the talk with a Worker: lines of JSON in, a line of JSON out for
// each, and bounds on every wait.
#ifndef BENCH_OVERLOAD_COMMANDS_H_
#define BENCH_OVERLOAD_COMMANDS_H_

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/client.h"

namespace sessionhub::bench {

inline constexpr std::chrono::milliseconds kWorkerPatience{120'000};

// True once `reached` says so, which is asked again and again for kWorkerPatience.
bool WaitUntil(const std::function<bool()>& reached);
// DeadlineExceeded: `what` in kWorkerPatience.
absl::Status Late(const std::string& what);

// Gives `answer` each command from standard input, until its end, and prints what it returns; an
// error as {"error": …}.
absl::Status AnswerCommands(
    const std::function<absl::StatusOr<nlohmann::json>(const nlohmann::json&)>& answer);

// A log sink of clients: warnings and errors go to standard error.
void LogWarnings(LogSeverity severity, const std::string& line);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_COMMANDS_H_
