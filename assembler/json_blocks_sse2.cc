// What every x86-64 processor has.
#include <emmintrin.h>

#include "assembler/json_classify.h"

namespace foreword::assembler::json {
namespace {

struct Block {
  explicit Block(const char* bytes)
      : a(load(bytes)), b(load(bytes + 16)), c(load(bytes + 32)), d(load(bytes + 48)) {}

  static __m128i load(const char* bytes) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  }
  static std::uint64_t bits(__m128i bytes) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
  }
  /// `test` makes 0xff of the bytes that are meant, and 0 of others.
  template <class Test>
  [[nodiscard]] std::uint64_t where(Test&& test) const {
    return bits(test(a)) | bits(test(b)) << 16 | bits(test(c)) << 32 | bits(test(d)) << 48;
  }
  [[nodiscard]] std::uint64_t equal(char byte) const {
    const __m128i wanted = _mm_set1_epi8(byte);
    return where([&](__m128i bytes) { return _mm_cmpeq_epi8(bytes, wanted); });
  }
  /// A bracket and its brace differ in bit 5.
  [[nodiscard]] std::uint64_t equal_folded(char byte) const {
    const __m128i wanted = _mm_set1_epi8(byte);
    const __m128i fold = _mm_set1_epi8(0x20);
    return where([&](__m128i bytes) { return _mm_cmpeq_epi8(_mm_or_si128(bytes, fold), wanted); });
  }
  [[nodiscard]] std::uint64_t opening() const { return equal_folded('{'); }
  [[nodiscard]] std::uint64_t closing() const { return equal_folded('}'); }
  [[nodiscard]] std::uint64_t control() const {
    const __m128i last = _mm_set1_epi8(0x1f);
    return where([&](__m128i bytes) { return _mm_cmpeq_epi8(_mm_max_epu8(bytes, last), last); });
  }

  static std::uint64_t prefix_xor(std::uint64_t mask) {
    for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
    return mask;
  }

  struct Tally {
    __m128i all = _mm_setzero_si128();
    __m128i least_text = _mm_set1_epi8('\xff');

    void see(const Block& block) {
      all = _mm_or_si128(
          all, _mm_or_si128(_mm_or_si128(block.a, block.b), _mm_or_si128(block.c, block.d)));
    }
    void see_text(const Block& block) {
      least_text = _mm_min_epu8(
          least_text, _mm_min_epu8(_mm_min_epu8(block.a, block.b), _mm_min_epu8(block.c, block.d)));
    }
    [[nodiscard]] bool non_ascii() const { return _mm_movemask_epi8(all) != 0; }
    [[nodiscard]] bool control_in_text() const {
      const __m128i last = _mm_set1_epi8(0x1f);
      return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(least_text, last), last)) != 0;
    }
  };

  __m128i a;
  __m128i b;
  __m128i c;
  __m128i d;
};

}  // namespace

void classify_sse2(const char* bytes, std::size_t blocks, BlockCarry& carry, BatchMasks& masks) {
  classify_blocks<Block>(bytes, blocks, carry, masks);
}

}  // namespace foreword::assembler::json
