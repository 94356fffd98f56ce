// P("cart/qty"): a path from its text, for tests that know the text is legal.
#ifndef TESTS_SUPPORT_PATHS_H_
#define TESTS_SUPPORT_PATHS_H_

#include <string_view>

#include "proto/session/path.h"

namespace sessionhub::testing {

inline Path P(std::string_view text) {
  return Path::FromText(text).value();
}

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_PATHS_H_
