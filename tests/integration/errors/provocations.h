// Provocations: how each row of the table of errors is brought about, with real hubs, nodes and
// programs.
//
// A provocation belongs to the main thread of its test, as HubProcess does.
#ifndef TESTS_INTEGRATION_ERRORS_PROVOCATIONS_H_
#define TESTS_INTEGRATION_ERRORS_PROVOCATIONS_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "proto/session/error_codes.h"

namespace sessionhub::testing {

// What was heard.
struct Told {
  int number = 0;  // 0: where it was told, there is none
  absl::StatusCode status = absl::StatusCode::kOk;
  std::string text{};
};

struct Provocation {
  ErrorFamily family;
  int number;
  const char* says;  // a part of the text that no other row of this status has
  Told (*provoke)();
};

// Of the refusals, goodbyes and ends: by a node that speaks frames.
std::vector<Provocation> FrameProvocations();
// By calls of Admin, by streams that are not let in, and by a damaged store.
std::vector<Provocation> CallProvocations();
// By the client library.
std::vector<Provocation> ClientProvocations();
// By programs, run to their end.
std::vector<Provocation> ProgramProvocations();

inline Told ToldBy(const absl::Status& status) {
  return {0, status.code(), std::string(status.message())};
}
inline Told ToldBy(const grpc::Status& status) {
  return {0, static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

// Commits so many sessions ("s0", "s1"...) of 1 MiB each.
void FillWithSessions(const std::string& endpoint, int count);

}  // namespace sessionhub::testing

#endif  // TESTS_INTEGRATION_ERRORS_PROVOCATIONS_H_
