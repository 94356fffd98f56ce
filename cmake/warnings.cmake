# Warnings are errors while developing and in CI; a packager turns that off with SESSIONHUB_WERROR=OFF.
option(SESSIONHUB_WERROR "Treat compiler warnings as errors" OFF)

add_library(sessionhub_warnings INTERFACE)
target_compile_options(sessionhub_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough
  $<$<BOOL:${SESSIONHUB_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # With -O3, g++ 12 sees these two in the standard library and in absl::StatusOr where there is nothing
  # (GCC bugs 105651 and 105562); clang and the sanitizers look for the same faults.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized>)
