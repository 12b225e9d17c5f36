# foreword_module(NAME HEADERS ... SOURCES ... LINKS ... PRIVATE_LINKS ...)
#
# One static library per top-level folder. Its include root holds a single symlink to the folder, so
# that #include "cache/ledger.h" resolves only for targets that link foreword_cache. With
# FOREWORD_CHECK_HEADERS every header is also compiled by itself.
function(foreword_module name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/include_roots/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${name} ${root}/${name} SYMBOLIC)
  list(TRANSFORM ARG_HEADERS PREPEND ${root}/${name}/)

  add_library(foreword_${name} STATIC ${ARG_SOURCES})
  target_sources(foreword_${name}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${root} FILES ${ARG_HEADERS})
  target_link_libraries(foreword_${name}
    PUBLIC ${ARG_LINKS}
    PRIVATE foreword_flags ${ARG_PRIVATE_LINKS})
endfunction()
