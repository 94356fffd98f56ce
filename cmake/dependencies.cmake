# Every dependency of sessionhub, all of them Debian 12 packages. Nothing else calls find_package.
#
#   what              Debian package                                   used by
#   Protobuf, gRPC    libprotobuf-dev libgrpc++-dev protobuf-compiler  proto, hub/gateway, client
#                     protobuf-compiler-grpc
#   Abseil            libabsl-dev                                      everywhere (Status, Mutex, flat_hash_map)
#   RocksDB           librocksdb-dev                                   hub/store
#   glog              libgoogle-glog-dev                               hub
#   prometheus-cpp    prometheus-cpp-dev                               hub/metrics
#   civetweb          prometheus-cpp-dev (libcivetweb-dev, its own)    hub/metrics
#   promtool          prometheus                                       tests/deploy, where it is installed
#   xxHash            libxxhash-dev                                    proto/session (slots)
#   CLI11             libcli11-dev                                     programs
#   OpenSSL           libssl-dev                                       proto/access, hub/gateway (hashes, certificates)
#   nlohmann-json     nlohmann-json3-dev                               proto/session (JSON documents), client/ctl, bench
#   zlib              zlib1g-dev                                       bench (csv.gz)
#   hiredis           libhiredis-dev                                   bench/limits, bench/compare (servers are run, not linked)
#   libmemcached      libmemcached-dev                                 bench/compare
#   libpq             libpq-dev                                        bench/compare
#   cpp-httplib       libcpp-httplib-dev                               bench/compare (web nodes and their users)
#   Google Benchmark  libbenchmark-dev                                 bench/micro
#   GoogleTest        libgtest-dev libgmock-dev                        tests
#   clang++           clang                                            tests/installed, beside g++
#   Python 3          python3                                          tests/tidy
#   Matplotlib        python3-matplotlib                               bench/compare/report
#   Jinja2            python3-jinja2                                   bench/compare/report
#   patch             patch                                            tests/tidy, tests/mutate
#   help2man          help2man                                         cmake/packaging
#   openssl           openssl                                          tests/integration (certificates)
#   gRPC for Python   python3-grpcio python3-protobuf                  proto/conformance, client/python
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(glog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(civetweb CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
find_package(benchmark CONFIG REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(libmemcached REQUIRED IMPORTED_TARGET libmemcached)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(cpp_httplib REQUIRED IMPORTED_TARGET cpp-httplib)

option(SESSIONHUB_TESTS "Build the tests" OFF)
option(SESSIONHUB_FAIL_POINTS "Build a hub that tests can let die at named places" ${SESSIONHUB_TESTS})
if(SESSIONHUB_TESTS)
  find_package(GTest CONFIG REQUIRED)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  # Debian's own, which sees Debian's modules (python3-grpcio), whichever python3 comes first in PATH.
  set(SESSIONHUB_PYTHON /usr/bin/python3)
endif()
if(SESSIONHUB_PACKAGES)
  find_program(SESSIONHUB_HELP2MAN help2man REQUIRED)
endif()
