# What the admin listener serves as it is, made into ${static_files_cc}: the page, uPlot, which
# tools/setup gets from npm, and the description of the API.
set(files
  "/|text/html|dashboard/index.html"
  "/dashboard/icon.svg|image/svg+xml|dashboard/icon.svg"
  "/dashboard/colours.css|text/css|dashboard/colours.css"
  "/dashboard/page.css|text/css|dashboard/page.css"
  "/dashboard/figures.css|text/css|dashboard/figures.css"
  "/api/openapi.json|application/json|openapi.json")
foreach(module IN ITEMS advice api chart dom explanation kbs live losses main over_time requests
    savings spending text)
  list(APPEND files
    "/dashboard/${module}.js|text/javascript|dashboard/${module}.js")
endforeach()
set(uplot dashboard/node_modules/uplot/dist)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${uplot}/uPlot.iife.min.js)
  list(APPEND files
    "/dashboard/uplot.js|text/javascript|${uplot}/uPlot.iife.min.js"
    "/dashboard/uplot.css|text/css|${uplot}/uPlot.min.css")
else()
  message(WARNING "uPlot is not there: the dashboard will have tables and no charts; "
    "tools/setup installs it")
endif()

set(list "")
set(sources "")
foreach(file IN LISTS files)
  string(REGEX REPLACE "^(.*\\|)([^|]*)$" "\\1${CMAKE_CURRENT_SOURCE_DIR}/\\2\n" line "${file}")
  string(REGEX REPLACE "^.*\\|" "" source "${file}")
  string(APPEND list "${line}")
  list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/${source})
endforeach()
set(static_files_list ${CMAKE_CURRENT_BINARY_DIR}/static_files.list)
set(static_files_cc ${CMAKE_CURRENT_BINARY_DIR}/static_files_embedded.cc)
file(CONFIGURE OUTPUT ${static_files_list} CONTENT "${list}" @ONLY)
set(embed ${CMAKE_SOURCE_DIR}/tools/cmake/embed_files.cmake)
add_custom_command(OUTPUT ${static_files_cc}
  COMMAND ${CMAKE_COMMAND} -DLIST=${static_files_list} -DOUTPUT=${static_files_cc} -P ${embed}
  DEPENDS ${sources} ${static_files_list} ${embed}
  VERBATIM)
