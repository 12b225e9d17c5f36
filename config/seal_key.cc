#include "config/seal_key.h"

#include <charconv>
#include <system_error>

namespace foreword::config {

std::optional<SealKey> parse_seal_key(std::string_view text) {
  SealKey key{};
  if (text.size() != 2 * key.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto* digits = text.data() + 2 * i;
    const auto [end, failed] = std::from_chars(digits, digits + 2, key[i], 16);
    if (failed != std::errc() || end != digits + 2) return std::nullopt;
  }
  return key;
}

}  // namespace foreword::config
