// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace foreword::config {

/// 1234567 -> "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t number);

}  // namespace foreword::config
