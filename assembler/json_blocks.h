// JSON as bit masks: where strings begin and end, and the brackets outside of them, 64 bytes at a
// time. For the scanner; public so that tests and benchmarks can compare the ways to compute it.
//
// This is the part of the scanner that looks at every byte, so it exists once per instruction set;
// the processor decides at start which one runs. Each of them computes exactly the same.
//
// The files that are compiled for an instruction set of their own include nothing else of ours, and
// of the standard library only <cstdint> and <cstddef>: an inline function compiled there could
// otherwise become the one that the whole program runs, on processors that do not know it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace foreword::assembler::json {

inline constexpr std::size_t kBlockBytes = 64;
/// One bit of a word for each block: 4 KiB at a time, whose masks stay in the first level cache.
inline constexpr std::size_t kBatchBlocks = 64;

/// What one block leaves for the next.
struct BlockCarry {
  std::uint64_t in_string = 0;  // all bits set inside of a string
  std::uint64_t escaped = 0;    // 1: the next byte follows an odd number of backslashes
};

/// Bit n of a mask stands for byte n of its block. Masks of a block that has no bit in the word
/// above them are not written.
struct BatchMasks {
  bool non_ascii = false;  // some byte is above 0x7f
  bool control = false;    // some byte inside of a string is below 0x20
  std::uint64_t quote_blocks = 0;
  std::uint64_t bracket_blocks = 0;
  std::uint64_t quotes[kBatchBlocks];        // that begin or end a string
  std::uint64_t opening[kBatchBlocks];       // [ and { outside of strings
  std::uint64_t closing[kBatchBlocks];       // ] and }
  std::uint8_t opening_count[kBatchBlocks];  // how many there are
  std::uint8_t closing_count[kBatchBlocks];
};

/// REQUIRES: `bytes` holds `blocks` whole blocks, at most kBatchBlocks.
using Classify = void(const char* bytes, std::size_t blocks, BlockCarry& carry, BatchMasks& masks);

struct InstructionSet {
  const char* name;
  Classify* classify;
};

/// The fastest that this processor has.
[[nodiscard]] const InstructionSet& best_instruction_set();

/// Those that this processor has, slowest first: number 0 is the portable one. nullptr behind the
/// last one.
[[nodiscard]] const InstructionSet* instruction_set(std::size_t number);

}  // namespace foreword::assembler::json
