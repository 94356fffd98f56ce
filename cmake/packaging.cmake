# The Debian packages that deploy/package makes, by CPack, from the components of cmake/install.cmake:
#
#   sessionhub               hub: the programs with their manual, the service, its configuration
#   libsessionhub-clientX.Y  library: the client's shared library, for programs that are linked with it
#   libsessionhub-dev        development: what such programs are built with
#
# A package's files that have one place in Debian, whatever the prefix, are installed only here.
option(SESSIONHUB_PACKAGES "Prepare Debian packages (deploy/package)" OFF)
if(NOT SESSIONHUB_PACKAGES)
  return()
endif()

set(SESSIONHUB_MAINTAINER "sessionhub maintainers <maintainers@sessionhub.example>" CACHE STRING
  "Who answers for the packages; .example is no address: whoever hands packages out gives his own")
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(made ${CMAKE_BINARY_DIR}/packaging)
set(library_package libsessionhub-client${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# What CPack installs is built by name, without the rest: cmake --build BUILD --target sessionhub_packaged.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
add_custom_target(sessionhub_packaged
  DEPENDS sessionhubd sessionhubctl sessionhub-folder sessionhub_client_shared sessionhub_client_static sessionhub_testing_static)

# packed(<source> <name>): a custom command that makes ${made}/<name>.gz, as Debian wants manuals and changes.
function(packed source name)
  add_custom_command(OUTPUT ${made}/${name}.gz
    COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
    COMMAND sh -c "gzip -9nc \"$1\" > \"$2\"" sh ${source} ${made}/${name}.gz
    DEPENDS ${source} VERBATIM)
endfunction()

# A manual is what the program says of itself.
function(manual_of program name)
  add_custom_command(OUTPUT ${made}/${program}.1
    COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
    COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C.UTF-8
            ${SESSIONHUB_HELP2MAN} --locale=C.UTF-8 --no-info --section=1 --name=${name} --version-string=${PROJECT_VERSION}
            --output=${made}/${program}.1 $<TARGET_FILE:${program}>
    DEPENDS ${program} VERBATIM)
  packed(${made}/${program}.1 ${program}.1)
  install(FILES ${made}/${program}.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT hub)
endfunction()
manual_of(sessionhubd "keeps the user sessions of several nodes in step")
manual_of(sessionhubctl "looks at a session hub and ends sessions")
manual_of(sessionhub-folder "restores backups of a session hub and examines its folder")

# Every option, as the program has it: the head of the file that says what differs in a package, and the program's
# page of what it then is, without where that is from.
add_custom_command(OUTPUT ${made}/sessionhub.conf
  COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
  COMMAND sh -c "{ sed '/^$/q' \"$2\" && env -i \"$1\" --config \"$2\" --print-config; } > \"$3.all\" && grep -v '^# set by ' \"$3.all\" > \"$3\""
          sh $<TARGET_FILE:sessionhubd> ${PROJECT_SOURCE_DIR}/deploy/config/sessionhub.conf ${made}/sessionhub.conf
  DEPENDS sessionhubd ${PROJECT_SOURCE_DIR}/deploy/config/sessionhub.conf VERBATIM)

# The day of the packages is that of the sources, if SOURCE_DATE_EPOCH says it.
string(TIMESTAMP SESSIONHUB_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${debian}/changelog.in ${made}/changelog @ONLY)
packed(${made}/changelog changelog)
packed(${PROJECT_SOURCE_DIR}/CHANGELOG.md CHANGES.md)
add_custom_target(sessionhub_package_papers
  DEPENDS ${made}/sessionhubd.1.gz ${made}/sessionhubctl.1.gz ${made}/sessionhub-folder.1.gz
          ${made}/changelog.gz ${made}/CHANGES.md.gz ${made}/sessionhub.conf)
add_dependencies(sessionhub_packaged sessionhub_package_papers)

# papers(<component> <package>): what each package says of itself.
function(papers component package)
  install(FILES ${debian}/copyright ${made}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
    COMPONENT ${component})
endfunction()
papers(hub sessionhub)
papers(library ${library_package})
papers(development libsessionhub-dev)
# The operator's pages lie together, as they lead to each other.
foreach(page IN ITEMS architecture backup client errors glossary guarantees install limits metrics operations
                      protocol runbooks security sizing storage)
  install(FILES docs/${page}.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sessionhub COMPONENT hub)
endforeach()
install(FILES deploy/prometheus/rules.yml deploy/prometheus/prometheus.yml deploy/grafana/sessionhub.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/sessionhub/monitoring COMPONENT hub)
install(FILES ${made}/CHANGES.md.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sessionhub COMPONENT hub)
install(FILES ${debian}/library/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
  RENAME ${library_package} COMPONENT library)

file(GLOB runbooks CONFIGURE_DEPENDS deploy/runbooks/*.sh)
install(PROGRAMS ${runbooks} DESTINATION ${CMAKE_INSTALL_DATADIR}/sessionhub/runbooks COMPONENT hub)
install(FILES deploy/systemd/sessionhub.service DESTINATION /lib/systemd/system COMPONENT hub)
install(FILES ${made}/sessionhub.conf DESTINATION /etc/sessionhub COMPONENT hub)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sessionhub)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps the user sessions of several nodes in step")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL hub library development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SOURCE sessionhub)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${SESSIONHUB_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)

set(CPACK_DEBIAN_HUB_PACKAGE_NAME sessionhub)
set(CPACK_DEBIAN_HUB_PACKAGE_SECTION net)
set(CPACK_DEBIAN_HUB_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_HUB_PACKAGE_CONTROL_EXTRA
  ${debian}/hub/postinst ${debian}/hub/prerm ${debian}/hub/postrm ${debian}/hub/conffiles)
set(CPACK_COMPONENT_HUB_DESCRIPTION
"Nodes send only the fields of a session that changed to this hub. The hub
orders the change, makes it durable, and forwards it only to the nodes that
registered interest in that session.
.
This package has the hub as a service, which listens on the loopback
interface until it is told otherwise, and sessionhubctl, the operator's
command.")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${debian}/library/triggers)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
# A program that was built with one release of a minor version runs with each of them.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
"The client of sessionhub as a shared library, for programs that are linked
with it. It keeps copies of the sessions that its process has open, sends
what changes in them to a hub, and takes what others change.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libsessionhub-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS library)
# pkg-config wants the private ones too, whatever is linked.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libabsl-dev, libgrpc++-dev, libprotobuf-dev, libxxhash-dev")
# sessionhub::testing, a hub in a test's process.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "libgoogle-glog-dev, libssl-dev, prometheus-cpp-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"The client of sessionhub for development: headers, the shared and the
static library, a hub for the tests of applications, and what CMake
(sessionhub::client) and pkg-config (sessionhub) need to find them.")

include(CPack)
