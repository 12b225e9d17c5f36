// A file's bytes in, the text that a person would read out of it: one function per format.
//
// Pure but for the memory and the time they take, which hostile bytes can drive up: they are called
// in a process of their own with limits on both (extract_main.cc). Texts are UTF-8, not yet
// normalised; headings, lists, tables, links and code are written as Markdown. An Error says what
// is wrong with the file, as the end of a sentence "FILE was skipped: ...".
#pragma once

#include <string>
#include <string_view>

#include "config/result.h"

namespace foreword::tools {

/// The main text of a page: without scripts, styles and what stands around it to navigate by. The
/// encoding is the one that the page declares, else UTF-8.
[[nodiscard]] config::Result<std::string> extract_html(std::string_view bytes);

/// In reading order. Headings are those of the outline; what repeats on every page is dropped.
[[nodiscard]] config::Result<std::string> extract_pdf(std::string_view bytes);

/// The body, with its footnotes at the end; of headers, footers and comments nothing.
[[nodiscard]] config::Result<std::string> extract_docx(std::string_view bytes);

}  // namespace foreword::tools
