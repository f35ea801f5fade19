# What is written about the options of all programs, by the programs themselves, into manual/ of the build folder:
# mirrorway.toml, which is installed as an example of every key, configuration.md, of which docs/ has a copy, and in
# completions/ what bash knows of each program.
set(manual ${PROJECT_BINARY_DIR}/manual)
set(programs mirrorlist_server mirrorlist_client cache_builder mirror_admin)
set(heads ${CMAKE_CURRENT_LIST_DIR}/mirrorway.toml.head ${CMAKE_CURRENT_LIST_DIR}/configuration.md.head)
set(commands)
set(completions)
foreach(program ${programs})
  list(APPEND commands
    COMMAND ${program} --print-config >> mirrorway.toml
    COMMAND ${program} --print-reference >> configuration.md
    COMMAND ${program} --print-completion > completions/${program})
  list(APPEND completions ${manual}/completions/${program})
endforeach()
file(MAKE_DIRECTORY ${manual}/completions)
add_custom_command(
  OUTPUT ${manual}/mirrorway.toml ${manual}/configuration.md ${completions}
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_LIST_DIR}/mirrorway.toml.head mirrorway.toml
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_LIST_DIR}/configuration.md.head configuration.md
  ${commands}
  WORKING_DIRECTORY ${manual}
  DEPENDS ${programs} ${heads}
  VERBATIM)
add_custom_target(manual ALL DEPENDS ${manual}/mirrorway.toml ${manual}/configuration.md ${completions})
