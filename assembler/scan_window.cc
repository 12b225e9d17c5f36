#include <bit>

#include "assembler/scan_walk.h"

namespace foreword::assembler {
namespace {

using json::kBlockBytes;

/// All bits from number `first` on.
std::uint64_t from_bit(std::size_t first) {
  return ~std::uint64_t{0} << first;
}

bool has_bit(std::uint64_t mask, std::size_t number) {
  return (mask >> number & 1) != 0;
}

std::size_t first_bit(std::uint64_t mask) {
  return static_cast<std::size_t>(std::countr_zero(mask));
}

/// The number of the bit that closes the last of `depth`; kBlockBytes if it is not in this block.
std::size_t closing_bit(std::uint64_t opening, std::uint64_t closing, std::size_t& depth) {
  for (std::uint64_t rest = opening | closing; rest != 0; rest &= rest - 1) {
    const std::size_t bit = first_bit(rest);
    if (!has_bit(closing, bit)) {
      ++depth;
    } else if (--depth == 0) {
      return bit;
    }
  }
  return kBlockBytes;
}

}  // namespace

std::size_t Window::next_quote_behind(std::size_t block) const {
  const std::uint64_t later = masks->quote_blocks & from_bit(block) & ~(std::uint64_t{1} << block);
  if (later == 0) return kNone;
  const std::size_t found = first_bit(later);
  return begin + found * kBlockBytes + first_bit(masks->quotes[found]);
}

std::size_t Window::next_closing(std::size_t from, std::size_t& depth) const {
  if (from >= end) return kNone;
  const std::size_t first = (from - begin) / kBlockBytes;
  std::uint64_t inside = from_bit((from - begin) % kBlockBytes);
  for (std::uint64_t rest = masks->bracket_blocks & from_bit(first); rest != 0; rest &= rest - 1) {
    const std::size_t block = first_bit(rest);
    const bool whole = block != first;
    if (whole && masks->closing_count[block] < depth) {
      depth += masks->opening_count[block];
      depth -= masks->closing_count[block];
      continue;
    }
    if (whole) inside = ~std::uint64_t{0};
    const std::size_t bit =
        closing_bit(masks->opening[block] & inside, masks->closing[block] & inside, depth);
    if (bit != kBlockBytes) return begin + block * kBlockBytes + bit;
  }
  return kNone;
}

}  // namespace foreword::assembler
