// The algorithm of json_blocks.h over a type `Block` that holds 64 bytes in the registers of one
// instruction set. Not part of the folder's contract: only json_blocks*.cc include it.
//
// `Block` lives in an unnamed namespace of each file, and so does whatever is made of these
// templates with it: see json_blocks.h for why nothing here may be an ordinary inline function.
#pragma once

#include "assembler/json_blocks.h"

namespace foreword::assembler::json {

/// Those bytes that a backslash escapes; bytes that are backslashes themselves are left out.
///
/// A run of backslashes escapes the byte behind it if its length is odd: if it begins at an even
/// place and ends before an odd one, or the other way round. Adding the first bit of a run to it
/// carries a bit to the place behind it, which tells the runs that begin at even places from
/// others.
template <class Block>
std::uint64_t escaped_bytes(std::uint64_t backslashes, std::uint64_t& carry) {
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555;
  std::uint64_t escaped = 0;
  // Rare, and foreseen to be so: a block need not wait for what the one before it carries.
  if (__builtin_expect(carry != 0, 0)) {
    escaped = 1;
    backslashes &= ~escaped;
    asm("" : "+r"(backslashes));
  }
  const std::uint64_t run_begins = backslashes & ~(backslashes << 1);
  const std::uint64_t behind_runs = (backslashes << 1) & ~backslashes;
  std::uint64_t carried = 0;
  const bool even_run_goes_on = __builtin_add_overflow(backslashes, run_begins & kEven, &carried);
  carry = (backslashes >> 63) & static_cast<std::uint64_t>(!even_run_goes_on);
  return escaped | (behind_runs & (carried ^ kEven));
}

/// A body that was just received need not be in the nearest caches: kernels copy past them. Reading
/// so far ahead costs nothing where it is, and may go beyond the end.
inline constexpr std::size_t kPrefetchBytes = 4096;

template <class Block>
void classify_blocks(const char* bytes, std::size_t blocks, BlockCarry& carry, BatchMasks& masks) {
  typename Block::Tally tally;
  BlockCarry now = carry;
  std::uint64_t control = 0;
  std::uint64_t quote_blocks = 0;
  std::uint64_t bracket_blocks = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    const Block block(bytes + i * kBlockBytes);
    __builtin_prefetch(bytes + i * kBlockBytes + kPrefetchBytes);
    tally.see(block);
    const std::uint64_t escaped = escaped_bytes<Block>(block.equal('\\'), now.escaped);
    const std::uint64_t quotes = block.equal('"') & ~escaped;
    if (quotes == 0 && now.in_string != 0) {
      tally.see_text(block);
      continue;
    }
    // From each opening quote to the byte before the closing one.
    const std::uint64_t string = Block::prefix_xor(quotes) ^ now.in_string;
    now.in_string = 0 - (string >> 63);
    control |= block.control() & string;
    const std::uint64_t opening = block.opening() & ~string;
    const std::uint64_t closing = block.closing() & ~string;
    masks.quotes[i] = quotes;
    masks.opening[i] = opening;
    masks.closing[i] = closing;
    masks.opening_count[i] = static_cast<std::uint8_t>(__builtin_popcountll(opening));
    masks.closing_count[i] = static_cast<std::uint8_t>(__builtin_popcountll(closing));
    quote_blocks |= static_cast<std::uint64_t>(quotes != 0) << i;
    bracket_blocks |= static_cast<std::uint64_t>((opening | closing) != 0) << i;
  }
  carry = now;
  masks.non_ascii = tally.non_ascii();
  masks.control = control != 0 || tally.control_in_text();
  masks.quote_blocks = quote_blocks;
  masks.bracket_blocks = bracket_blocks;
}

}  // namespace foreword::assembler::json
