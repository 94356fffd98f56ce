# Warnings are errors while developing and in CI; a packager turns that off with SESSIONHUB_WERROR=OFF.
option(SESSIONHUB_WERROR "Treat compiler warnings as errors" OFF)

add_library(sessionhub_warnings INTERFACE)
target_compile_options(sessionhub_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough
  $<$<BOOL:${SESSIONHUB_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
