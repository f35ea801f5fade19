# Debian packages only; deploy/packages lists them by name.
find_package(PkgConfig REQUIRED)
find_program(LOWDOWN lowdown REQUIRED) # of cmake/man_page
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(libevent REQUIRED IMPORTED_TARGET libevent)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)

# What mirrorlist_server is made of is linked in, not shared: each fork copies and each exit drops every
# mapping of a shared library (mirrorlist_server/DESIGN.md, "Forking").
set(Protobuf_USE_STATIC_LIBS ON)
find_package(Protobuf REQUIRED)
foreach(library maxminddb seccomp nettle)
  find_library(${library}_ARCHIVE lib${library}.a REQUIRED)
  add_library(${library}::archive STATIC IMPORTED)
  set_target_properties(${library}::archive PROPERTIES IMPORTED_LOCATION ${${library}_ARCHIVE})
endforeach()
# Of these Debian has headers and shared libraries only; the headers have all the code.
find_path(FMT_INCLUDE_DIR fmt/format-inl.h REQUIRED)
find_path(SPDLOG_INCLUDE_DIR spdlog/spdlog-inl.h REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
add_library(fmt::headers INTERFACE IMPORTED)
target_include_directories(fmt::headers INTERFACE ${FMT_INCLUDE_DIR})
add_library(spdlog::headers INTERFACE IMPORTED)
target_include_directories(spdlog::headers INTERFACE ${SPDLOG_INCLUDE_DIR})
target_compile_definitions(spdlog::headers INTERFACE SPDLOG_FMT_EXTERNAL)
add_library(tomlplusplus::headers INTERFACE IMPORTED)
target_include_directories(tomlplusplus::headers INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})

# Debian's libsoci-dev ships neither CMake nor pkg-config files.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
find_library(SOCI_CORE_LIBRARY soci_core REQUIRED)
find_library(SOCI_SQLITE3_LIBRARY soci_sqlite3 REQUIRED)
find_library(SOCI_POSTGRESQL_LIBRARY soci_postgresql REQUIRED)
add_library(soci INTERFACE IMPORTED)
target_include_directories(soci INTERFACE ${SOCI_INCLUDE_DIR})
target_link_libraries(soci INTERFACE
  ${SOCI_SQLITE3_LIBRARY} ${SOCI_POSTGRESQL_LIBRARY} ${SOCI_CORE_LIBRARY} SQLite::SQLite3
  PkgConfig::libpq)
