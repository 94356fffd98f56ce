// What a checker of a promise says when the promise is broken.
#ifndef TESTS_SUPPORT_BROKEN_H_
#define TESTS_SUPPORT_BROKEN_H_

#include <string>

#include "absl/status/status.h"

namespace sessionhub::testing {

// `promise` is its name in docs/guarantees.md.
inline absl::Status Broken(const std::string& promise, const std::string& how) {
  return absl::DataLossError(promise + " is broken: " + how);
}

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_BROKEN_H_
