#include "tools/documents/quantity.h"

#include <fmt/format.h>

#include "config/number_text.h"

namespace foreword::tools {

std::string as_size(std::uint64_t bytes) {
  constexpr std::uint64_t kThousand = 1000;
  if (bytes < kThousand) return fmt::format("{} bytes", bytes);
  if (bytes < kThousand * kThousand) return fmt::format("{} kB", (bytes + 500) / kThousand);
  return fmt::format("{} MB", config::with_commas((bytes + 500'000) / (kThousand * kThousand)));
}

}  // namespace foreword::tools
