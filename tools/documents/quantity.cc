#include "tools/documents/quantity.h"

#include <fmt/format.h>

namespace foreword::tools {

std::string with_commas(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string as_size(std::uint64_t bytes) {
  constexpr std::uint64_t kThousand = 1000;
  if (bytes < kThousand) return fmt::format("{} bytes", bytes);
  if (bytes < kThousand * kThousand) return fmt::format("{} kB", (bytes + 500) / kThousand);
  return fmt::format("{} MB", with_commas((bytes + 500'000) / (kThousand * kThousand)));
}

}  // namespace foreword::tools
