# SESSIONHUB_SANITIZE is a comma-separated list as -fsanitize takes it: "address,undefined" or "thread".
set(SESSIONHUB_SANITIZE "" CACHE STRING "Sanitizers to build everything with")

if(SESSIONHUB_SANITIZE)
  add_compile_options(-fsanitize=${SESSIONHUB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SESSIONHUB_SANITIZE})
endif()

# Builds the fuzz targets as fuzzers; needs clang and "fuzzer-no-link" among the sanitizers.
option(SESSIONHUB_FUZZ "Build libFuzzer programs" OFF)

# Linked into every program: what a sanitizer needs to understand libraries that are not built for it.
set(SESSIONHUB_PROGRAM_SOURCES)
if(SESSIONHUB_SANITIZE MATCHES thread)
  set(SESSIONHUB_PROGRAM_SOURCES ${PROJECT_SOURCE_DIR}/tests/support/tsan_mutex.cc
    ${PROJECT_SOURCE_DIR}/tests/support/tsan_grpc.cc)
  link_libraries(absl::synchronization gRPC::grpc++ ${CMAKE_DL_LIBS})
endif()
