# What `cmake --install` gives: the programs, and the client for other projects by find_package and pkg-config.
# Each component is one of the packages that cmake/packaging.cmake makes: hub, library, development. What is of
# bench is in none.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS sessionhubd sessionhubctl sessionhub-folder COMPONENT hub)
install(TARGETS sessionhub-bench COMPONENT bench)
# What sessionhub-bench compare makes its report with.
install(DIRECTORY bench/compare/report/ DESTINATION ${CMAKE_INSTALL_DATADIR}/sessionhub/compare_report COMPONENT bench
  PATTERN "__pycache__" EXCLUDE PATTERN "*.md" EXCLUDE)
install(FILES bench/compare/report/templates/report.md bench/compare/report/templates/summary.md
  DESTINATION ${CMAKE_INSTALL_DATADIR}/sessionhub/compare_report/templates COMPONENT bench)

# What runs a program that is linked with the client, apart from what builds it.
install(TARGETS sessionhub_client_shared EXPORT shared LIBRARY COMPONENT library NAMELINK_COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS sessionhub_client_static EXPORT static ARCHIVE COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS sessionhub_testing_static EXPORT testing ARCHIVE COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# The client's public headers are a folder, so that a new one needs no line here; two are the contract's.
install(DIRECTORY client/cpp/include/sessionhub client/cpp/testing/include/sessionhub DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development FILES_MATCHING PATTERN "*.h")
install(FILES proto/sessionhub/value.h proto/sessionhub/export.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sessionhub COMPONENT development)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/sessionhub)
foreach(kind IN ITEMS shared static testing)
  install(EXPORT ${kind} NAMESPACE sessionhub:: DESTINATION ${package_folder} FILE sessionhub-${kind}.cmake
    COMPONENT development)
endforeach()
configure_package_config_file(cmake/sessionhub-config.cmake.in ${CMAKE_BINARY_DIR}/sessionhub-config.cmake
  INSTALL_DESTINATION ${package_folder})
# Until 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/sessionhub-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/sessionhub-config.cmake ${CMAKE_BINARY_DIR}/sessionhub-config-version.cmake
  DESTINATION ${package_folder} COMPONENT development)

# The way from the .pc file back to the prefix, so that the installed tree can be anywhere.
set(pc_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_to_prefix /prefix/${pc_folder} /prefix)
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
configure_file(cmake/sessionhub.pc.in ${CMAKE_BINARY_DIR}/sessionhub.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/sessionhub.pc DESTINATION ${pc_folder} COMPONENT development)
