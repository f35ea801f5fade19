# mirrorway_program(NAME SECTION COMPONENT SOURCES… LIBS…): one program and its man page, installed with COMPONENT
# (deploy/CMakeLists.txt). The page is printed by the program itself, from the same declarations as --help, so that the two cannot
# differ.
function(mirrorway_program name)
  cmake_parse_arguments(ARG "" "SECTION;COMPONENT" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE mirrorway_settings mirrorway_warnings ${ARG_LIBS})
  set(page ${PROJECT_BINARY_DIR}/man/${name}.${ARG_SECTION})
  add_custom_command(
    OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND ${name} --man > ${page}
    DEPENDS ${name}
    VERBATIM)
  add_custom_target(${name}_man ALL DEPENDS ${page})
  install(TARGETS ${name} DESTINATION
    $<IF:$<STREQUAL:${ARG_SECTION},8>,${CMAKE_INSTALL_SBINDIR},${CMAKE_INSTALL_BINDIR}>
    COMPONENT ${ARG_COMPONENT})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${ARG_SECTION} COMPONENT ${ARG_COMPONENT})
endfunction()
