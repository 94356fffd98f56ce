# SESSIONHUB_SANITIZE is a comma-separated list as -fsanitize takes it: "address,undefined" or "thread".
set(SESSIONHUB_SANITIZE "" CACHE STRING "Sanitizers to build everything with")

if(SESSIONHUB_SANITIZE)
  add_compile_options(-fsanitize=${SESSIONHUB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SESSIONHUB_SANITIZE})
endif()

# Builds the fuzz targets as fuzzers; needs clang and "fuzzer-no-link" among the sanitizers.
option(SESSIONHUB_FUZZ "Build libFuzzer programs" OFF)
