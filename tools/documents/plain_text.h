// Bytes of text files to UTF-8.
//
// Pure; an Error is the reason why the file is skipped.
#pragma once

#include <string>
#include <string_view>

#include "config/result.h"

namespace foreword::tools {

/// UTF-16 that begins with a byte order mark is converted; everything else stays as it is.
[[nodiscard]] config::Result<std::string> to_utf8(std::string bytes);

/// Whether it is JSON; comments and commas before a closing bracket are allowed, as in settings
/// files. Takes no memory for the values.
[[nodiscard]] config::Result<void> check_json(std::string_view text);

}  // namespace foreword::tools
