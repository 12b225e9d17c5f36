// The prefix memory's tables as they are stored. Not part of the folder's contract.
#pragma once

#include <string>
#include <string_view>

#include "cache/prefix_table.h"

namespace foreword::cache {

/// records.PrefixStripe.
[[nodiscard]] std::string encode(const PrefixTable& table);
/// Adds what was encoded. False: it is damaged.
[[nodiscard]] bool decode(std::string_view value, PrefixTable& table);

}  // namespace foreword::cache
