# Compiler settings as INTERFACE targets: mirrorway_settings for all code, mirrorway_warnings for
# ours only (generated protobuf code is not held to our warnings).

add_library(mirrorway_settings INTERFACE)
target_compile_features(mirrorway_settings INTERFACE cxx_std_20)
target_include_directories(mirrorway_settings INTERFACE ${PROJECT_SOURCE_DIR})
# The order of mirrors must be bit-identical on every machine, so a multiplication and an addition
# are never contracted into one differently rounded instruction (common/selection/rank.h).
target_compile_options(mirrorway_settings INTERFACE -ffp-contract=off -fno-omit-frame-pointer)
# Protobuf's headers put their own names into every object; without the path, objects of all clones are the same.
target_compile_options(mirrorway_settings INTERFACE -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(MIRRORWAY_SANITIZE)
  target_compile_options(mirrorway_settings INTERFACE -fsanitize=address,undefined
                                                      -fno-sanitize-recover=all)
  target_link_options(mirrorway_settings INTERFACE -fsanitize=address,undefined)
endif()
if(MIRRORWAY_FUZZ)
  # All but the tests' own code is instrumented for coverage, which takes as long to compile as the code itself; only
  # the harnesses link libFuzzer's main.
  target_compile_options(mirrorway_settings INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:MIRRORWAY_IS_TEST>>>:-fsanitize=fuzzer-no-link>)
  target_link_options(mirrorway_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" OR CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(mirrorway_settings INTERFACE -O2 -D_FORTIFY_SOURCE=2
    -fstack-protector-strong -fstack-clash-protection)
  target_link_options(mirrorway_settings INTERFACE -Wl,-z,relro,-z,now -pie)
endif()
# LLVM's linker takes a seventh of the time of GNU's, which in a debug build of all tests is a minute. Link-time optimisation is
# for the compiler's own.
find_program(MIRRORWAY_LLD ld.lld)
if(MIRRORWAY_LTO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
elseif(MIRRORWAY_LLD)
  add_link_options(-fuse-ld=lld)
endif()

add_library(mirrorway_warnings INTERFACE)
target_compile_options(mirrorway_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-qual -Woverloaded-virtual -Wformat=2 -Wundef
  $<$<BOOL:${MIRRORWAY_WERROR}>:-Werror>)

# All presets but tidy have CMAKE_UNITY_BUILD, with which a build takes less than half the time: eight sources of a library are compiled
# as one, so names of unnamed namespaces must differ within a folder. clang-tidy compiles each alone, so that it is held to
# include what it uses.

# mirrorway_library(NAME SOURCES… [PUBLIC libs…] [PRIVATE libs…]): one library per folder under
# common/, named mirrorway_NAME, so that the linker checks the layers.
function(mirrorway_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(mirrorway_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(mirrorway_${name}
    PUBLIC mirrorway_settings ${ARG_PUBLIC}
    PRIVATE mirrorway_warnings ${ARG_PRIVATE})
endfunction()
