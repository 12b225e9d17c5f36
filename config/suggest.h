// "Did you mean ...": the known key that a misspelt one is close to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace foreword::config {

/// The closest of `known`, or nothing when none is close: at most three letters off, and less than
/// half of the last part of the key, so that short keys do not resemble everything.
[[nodiscard]] std::optional<std::string> suggest(std::string_view key,
                                                 std::span<const std::string> known);

}  // namespace foreword::config
