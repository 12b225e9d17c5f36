// Compiled with -mavx2 -mpclmul -mbmi -mpopcnt; see json_blocks.h for what that forbids here.
#include <immintrin.h>

#include "assembler/json_classify.h"

namespace foreword::assembler::json {
namespace {

struct Block {
  explicit Block(const char* bytes)
      : low(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes))),
        high(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32))) {}

  static std::uint64_t bits(__m256i low_bytes, __m256i high_bytes) {
    const auto low_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(low_bytes));
    const auto high_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(high_bytes));
    return low_bits | static_cast<std::uint64_t>(high_bits) << 32;
  }
  static std::uint64_t equal(__m256i low_bytes, __m256i high_bytes, char byte) {
    const __m256i wanted = _mm256_set1_epi8(byte);
    return bits(_mm256_cmpeq_epi8(low_bytes, wanted), _mm256_cmpeq_epi8(high_bytes, wanted));
  }
  [[nodiscard]] std::uint64_t equal(char byte) const { return equal(low, high, byte); }
  /// A bracket and its brace differ in bit 5.
  [[nodiscard]] std::uint64_t equal_folded(char byte) const {
    const __m256i fold = _mm256_set1_epi8(0x20);
    return equal(_mm256_or_si256(low, fold), _mm256_or_si256(high, fold), byte);
  }
  [[nodiscard]] std::uint64_t opening() const { return equal_folded('{'); }
  [[nodiscard]] std::uint64_t closing() const { return equal_folded('}'); }
  [[nodiscard]] std::uint64_t control() const {
    const __m256i last = _mm256_set1_epi8(0x1f);
    return bits(_mm256_cmpeq_epi8(_mm256_max_epu8(low, last), last),
                _mm256_cmpeq_epi8(_mm256_max_epu8(high, last), last));
  }

  /// Multiplying by all ones without carries: bit n of the product is the parity of bits 0 to n.
  static std::uint64_t prefix_xor(std::uint64_t mask) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(mask)),
                                                 _mm_set1_epi8('\xff'), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }

  struct Tally {
    __m256i all = _mm256_setzero_si256();
    __m256i least_text = _mm256_set1_epi8('\xff');

    void see(const Block& block) {
      all = _mm256_or_si256(all, _mm256_or_si256(block.low, block.high));
    }
    void see_text(const Block& block) {
      least_text = _mm256_min_epu8(least_text, _mm256_min_epu8(block.low, block.high));
    }
    [[nodiscard]] bool non_ascii() const { return _mm256_movemask_epi8(all) != 0; }
    [[nodiscard]] bool control_in_text() const {
      const __m256i last = _mm256_set1_epi8(0x1f);
      return _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(least_text, last), last)) != 0;
    }
  };

  __m256i low;
  __m256i high;
};

}  // namespace

void classify_avx2(const char* bytes, std::size_t blocks, BlockCarry& carry, BatchMasks& masks) {
  classify_blocks<Block>(bytes, blocks, carry, masks);
}

}  // namespace foreword::assembler::json
