# How this project declares its targets, so that each folder's CMakeLists.txt only lists names.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Builds are repeated often on small machines; ccache is used where it is installed.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# sessionhub_library(<name> SOURCES ... [DEPS ...]): a static library whose includes start at the repository's top.
function(sessionhub_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_DEPS} PRIVATE sessionhub_warnings)
endfunction()

# sessionhub_part_of_client(<name>...): what the client's libraries are made of. Can be linked into a shared
# library, which shows nothing that is not marked SESSIONHUB_EXPORT.
function(sessionhub_part_of_client)
  set_target_properties(${ARGN} PROPERTIES POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# sessionhub_program(<name> SOURCES ... [DEPS ...]): a program in build/<preset>/bin.
function(sessionhub_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES} ${SESSIONHUB_PROGRAM_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} sessionhub_warnings)
endfunction()
