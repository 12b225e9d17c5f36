# cmake -DLIST=FILE -DOUTPUT=FILE -P embed_files.cmake
#
# Writes the C++ source that holds the files of a list, for proxy/static_files.h. A line of the list
# is PATH|CONTENT_TYPE|FILE.
file(STRINGS ${LIST} lines)
set(texts "")
set(entries "")
set(number 0)
foreach(line IN LISTS lines)
  string(REPLACE "|" ";" parts "${line}")
  list(GET parts 0 path)
  list(GET parts 1 type)
  list(GET parts 2 file)
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND texts "constexpr char kFile${number}[] = \"${bytes}\";\n")
  string(APPEND entries
    "    StaticFile{\"${path}\", \"${type}\", {kFile${number}, sizeof kFile${number} - 1}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Made by tools/cmake/embed_files.cmake.
#include \"proxy/static_files.h\"

#include <array>

namespace foreword::proxy {
namespace {

${texts}
constexpr std::array<StaticFile, ${number}> kFiles{{
${entries}}};

}  // namespace

std::span<const StaticFile> static_files() {
  return kFiles;
}

}  // namespace foreword::proxy
")
