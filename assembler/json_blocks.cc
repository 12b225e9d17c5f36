#include "assembler/json_blocks.h"

#include "assembler/json_classify.h"

namespace foreword::assembler::json {

#if defined(__x86_64__)
// In files of their own, compiled for these instruction sets.
Classify classify_sse2;
Classify classify_avx2;
Classify classify_avx512;
#endif

namespace {

/// For processors of other kinds, and the one that the others are tested against.
struct PortableBlock {
  explicit PortableBlock(const char* from) : bytes(from) {}

  template <class Test>
  [[nodiscard]] std::uint64_t where(Test&& test) const {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < kBlockBytes; ++i) {
      mask |= static_cast<std::uint64_t>(test(static_cast<unsigned char>(bytes[i]))) << i;
    }
    return mask;
  }
  [[nodiscard]] std::uint64_t equal(char wanted) const {
    return where([&](unsigned char byte) { return byte == static_cast<unsigned char>(wanted); });
  }
  [[nodiscard]] std::uint64_t opening() const {
    return where([](unsigned char byte) { return byte == '[' || byte == '{'; });
  }
  [[nodiscard]] std::uint64_t closing() const {
    return where([](unsigned char byte) { return byte == ']' || byte == '}'; });
  }
  [[nodiscard]] std::uint64_t control() const {
    return where([](unsigned char byte) { return byte < 0x20; });
  }
  static std::uint64_t prefix_xor(std::uint64_t mask) {
    for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
    return mask;
  }

  struct Tally {
    bool high = false;
    bool low = false;
    void see(const PortableBlock& block) {
      high |= block.where([](unsigned char byte) { return byte > 0x7f; }) != 0;
    }
    void see_text(const PortableBlock& block) { low |= block.control() != 0; }
    [[nodiscard]] bool non_ascii() const { return high; }
    [[nodiscard]] bool control_in_text() const { return low; }
  };

  const char* bytes;
};

constexpr InstructionSet kPortable = {"portable", classify_blocks<PortableBlock>};
#if defined(__x86_64__)
constexpr InstructionSet kSse2 = {"sse2", classify_sse2};
constexpr InstructionSet kAvx2 = {"avx2", classify_avx2};
constexpr InstructionSet kAvx512 = {"avx512", classify_avx512};

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

/// Only on processors that do not slow down for it: those that came with VBMI2, or after it.
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2");
}
#endif

}  // namespace

const InstructionSet* instruction_set(std::size_t number) {
  if (number == 0) return &kPortable;
#if defined(__x86_64__)
  if (number == 1) return &kSse2;
  if (number == 2 && has_avx2()) return &kAvx2;
  if (number == 3 && has_avx512()) return &kAvx512;
#endif
  return nullptr;
}

const InstructionSet& best_instruction_set() {
  static const InstructionSet& best = [&]() -> const InstructionSet& {
    std::size_t number = 0;
    while (instruction_set(number + 1) != nullptr) ++number;
    return *instruction_set(number);
  }();
  return best;
}

}  // namespace foreword::assembler::json
