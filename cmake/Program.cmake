# mirrorway_program(NAME COMPONENT SOURCES… LIBS…): one program and its man page, installed with COMPONENT
# (deploy/CMakeLists.txt). The page is printed by the program itself, from the same declarations as --help, so that the two cannot
# differ.
function(mirrorway_program name)
  cmake_parse_arguments(ARG "" "COMPONENT" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE mirrorway_settings mirrorway_warnings ${ARG_LIBS})
  set(page ${PROJECT_BINARY_DIR}/man/${name}.8)
  add_custom_command(
    OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND ${name} --man > ${page}
    DEPENDS ${name}
    VERBATIM)
  add_custom_target(${name}_man ALL DEPENDS ${page})
  install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT ${ARG_COMPONENT})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT ${ARG_COMPONENT})
endfunction()

# mirrorway_man_page(NAME SECTION COMPONENT FILE SEE…): the man page of FILE, a script or a page (./man_page).
function(mirrorway_man_page name section component file)
  set(tool ${PROJECT_SOURCE_DIR}/cmake/man_page)
  set(page ${PROJECT_BINARY_DIR}/man/${name}.${section})
  add_custom_command(
    OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND ${tool} ${name}.${section} ${PROJECT_VERSION} ${file} ${ARGN} > ${page}
    DEPENDS ${file} ${tool}
    VERBATIM)
  add_custom_target(${name}_man ALL DEPENDS ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
endfunction()
