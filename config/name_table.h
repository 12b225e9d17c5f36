// An enum's names, in one table per enum that both directions read.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace foreword::config {

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};

/// The name of `value`; "unknown" for a number that is no enumerator (one from a newer store).
template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::string_view name_in(const std::array<Named<Enum>, N>& table,
                                                 Enum value) {
  const auto row = std::ranges::find(table, value, &Named<Enum>::value);
  return row == table.end() ? std::string_view{"unknown"} : row->name;
}

/// The enumerator with exactly this name.
template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::optional<Enum> value_in(const std::array<Named<Enum>, N>& table,
                                                     std::string_view name) {
  const auto row = std::ranges::find(table, name, &Named<Enum>::name);
  if (row == table.end()) return std::nullopt;
  return row->value;
}

}  // namespace foreword::config
