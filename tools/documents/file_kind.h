// What a file is by its name, and so how its text is read.
//
// Pure. To add a kind of text, add its ending to the table in file_kind.cc.
#pragma once

#include <cstdint>
#include <string_view>

namespace foreword::tools {

enum class FileKind : std::uint8_t { unknown, text, json, html, pdf, docx };

/// By ending, without regard to case, or by the whole name ("Makefile"). Search indexes, minified
/// code and lock files are unknown.
[[nodiscard]] FileKind kind_of(std::string_view file_name);

}  // namespace foreword::tools
