// Sizes as people read them.
//
// Pure.
#pragma once

#include <cstdint>
#include <string>

namespace foreword::tools {

/// 512 bytes, 3 kB, 200 MB: decimal, rounded.
[[nodiscard]] std::string as_size(std::uint64_t bytes);

}  // namespace foreword::tools
