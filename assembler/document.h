// Documents: text in, normalised text out. The same text always gives the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "config/result.h"

namespace foreword::assembler {

/// `path` is the document's identity within its knowledge base: relative, '/' between parts, no "."
/// or ".." parts. `text` is normalised.
struct Document {
  std::string path;
  std::string text;
  bool operator==(const Document&) const = default;
};

/// UTF-8 without byte order mark, LF line ends, NFC, no white space at line ends, no blank lines at
/// start and end, exactly one line feed at the end. Idempotent. An Error names the byte offset of
/// what is not UTF-8, or says that nothing is left, or that it holds a NUL (a binary file).
[[nodiscard]] config::Result<std::string> normalise_text(std::string_view raw);

/// The same rules for a path: valid UTF-8, NFC, relative, no control characters.
[[nodiscard]] config::Result<std::string> normalise_path(std::string_view raw);

}  // namespace foreword::assembler
