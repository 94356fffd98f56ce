// Two macros for functions that return absl::Status or absl::StatusOr.
#ifndef PROTO_SESSION_STATUS_MACROS_H_
#define PROTO_SESSION_STATUS_MACROS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns the status of `expression` from the enclosing function unless it is OK.
#define RETURN_IF_ERROR(expression)                                           \
  do {                                                                        \
    if (::absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

// ASSIGN_OR_RETURN(auto value, MakeValue()): the value, or returns its status.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_IMPL_(STATUS_MACROS_JOIN_(status_or_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_IMPL_(status_or, target, expression) \
  auto status_or = (expression);                              \
  if (!status_or.ok()) return status_or.status();             \
  target = *std::move(status_or)
#define STATUS_MACROS_JOIN_(a, b) STATUS_MACROS_JOIN_INNER_(a, b)
#define STATUS_MACROS_JOIN_INNER_(a, b) a##b

#endif  // PROTO_SESSION_STATUS_MACROS_H_
