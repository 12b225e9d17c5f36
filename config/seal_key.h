// The key that captured prompts and answers are sealed with, as an operator writes it.
//
// Pure functions, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace foreword::config {

/// Of AES-256.
using SealKey = std::array<std::uint8_t, 32>;

/// Nothing: it is no kSealKeyForm.
[[nodiscard]] std::optional<SealKey> parse_seal_key(std::string_view text);
inline constexpr std::string_view kSealKeyForm =
    "64 hexadecimal digits, as `openssl rand -hex 32` prints them";

}  // namespace foreword::config
