// Compiled with -mavx512bw and what AVX2 needs; see json_blocks.h for what that forbids here.
#include <immintrin.h>

#include "assembler/json_classify.h"

namespace foreword::assembler::json {
namespace {

struct Block {
  explicit Block(const char* from) : bytes(_mm512_loadu_si512(from)) {}

  [[nodiscard]] std::uint64_t equal(char byte) const {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte));
  }
  /// A bracket and its brace differ in bit 5.
  [[nodiscard]] std::uint64_t equal_folded(char byte) const {
    const __m512i folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
    return _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8(byte));
  }
  [[nodiscard]] std::uint64_t opening() const { return equal_folded('{'); }
  [[nodiscard]] std::uint64_t closing() const { return equal_folded('}'); }
  [[nodiscard]] std::uint64_t control() const { return below_space(bytes); }

  static std::uint64_t below_space(__m512i bytes) {
    return _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
  }
  /// Multiplying by all ones without carries: bit n of the product is the parity of bits 0 to n.
  static std::uint64_t prefix_xor(std::uint64_t mask) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(mask)),
                                                 _mm_set1_epi8('\xff'), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }

  struct Tally {
    __m512i all = _mm512_setzero_si512();
    __m512i least_text = _mm512_set1_epi8('\xff');

    void see(const Block& block) { all = _mm512_or_si512(all, block.bytes); }
    void see_text(const Block& block) { least_text = _mm512_min_epu8(least_text, block.bytes); }
    [[nodiscard]] bool non_ascii() const { return _mm512_movepi8_mask(all) != 0; }
    [[nodiscard]] bool control_in_text() const { return below_space(least_text) != 0; }
  };

  __m512i bytes;
};

}  // namespace

void classify_avx512(const char* bytes, std::size_t blocks, BlockCarry& carry, BatchMasks& masks) {
  classify_blocks<Block>(bytes, blocks, carry, masks);
}

}  // namespace foreword::assembler::json
