// What a plan puts into a request, by kinds: each is something that an upstream may refuse by
// itself, and that can be left out while the others go in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace foreword::assembler {

enum class Addition : std::uint8_t {
  knowledge,       // the knowledge base where it stands: system blocks, a message, parts
  breakpoints,     // Anthropic cache_control, OpenAI prompt_cache_breakpoint
  cache_key,       // OpenAI prompt_cache_key
  usage,           // OpenAI stream_options.include_usage
  developer_role,  // OpenAI: of the message that holds the knowledge base, instead of `system`
};
inline constexpr std::array kAllAdditions = {Addition::knowledge, Addition::breakpoints,
                                             Addition::cache_key, Addition::usage,
                                             Addition::developer_role};

/// The providers' own names for it; shown to users and stored in the ledger.
[[nodiscard]] std::string_view name_of(Addition addition);

/// A set of them. A plain value.
class Additions {
 public:
  constexpr Additions() = default;
  constexpr void add(Addition addition) { bits_ |= bit(addition); }
  constexpr void add(Additions others) { bits_ |= others.bits_; }
  [[nodiscard]] constexpr bool has(Addition addition) const { return (bits_ & bit(addition)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const Additions&) const = default;

 private:
  static constexpr unsigned bit(Addition addition) { return 1u << static_cast<unsigned>(addition); }
  unsigned bits_ = 0;
};

/// Everything but the knowledge base itself: what a request can do without.
[[nodiscard]] constexpr Additions all_but_knowledge() {
  Additions set;
  for (const auto addition : kAllAdditions) {
    if (addition != Addition::knowledge) set.add(addition);
  }
  return set;
}

}  // namespace foreword::assembler
