// Why a day of the ledger may differ from a provider's report, and because of which requests.
//
// Pure: no I/O, one caller. Of each cause a few requests are kept, so memory is bounded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "tools/reconcile/comparison.h"

namespace foreword::tools {

/// In the order in which they are told.
enum class Cause : std::uint8_t {
  exactly,      // what is too much in the ledger is this request, in every line
  provisional,  // still running, or Foreword was killed before its end
  estimated,    // the provider's final numbers never came: the answer was cut
  unpriced,     // its model is in no price table: it costs nothing here
  own,          // Foreword's own: pre-warming, keeping warm; sent with the upstream's own key
  midnight,     // it began on one day and ended on the next
  other_tier,   // another tier than the standard one, which has another price
};
inline constexpr std::size_t kCauses = 7;
/// What it means for the bill, for one request and for several.
[[nodiscard]] std::string_view explanation_of(Cause cause, bool several);
[[nodiscard]] std::string_view name_of(Cause cause);

struct Suspect {
  std::string id;
  std::string time;
  std::string label;
  std::string upstream;
  std::vector<Amount> amounts;  // by line
};

/// Of one day and model.
struct Suspects {
  static constexpr std::size_t kKept = 20;
  struct OfCause {
    std::uint64_t count = 0;
    std::vector<Suspect> first;
  };
  std::array<OfCause, kCauses> by_cause;
  std::map<std::string, std::uint64_t> upstreams;  // how many requests went to each
  std::uint64_t requests = 0;
  [[nodiscard]] const OfCause& of(Cause cause) const {
    return by_cause[static_cast<std::size_t>(cause)];
  }
};

/// `row` is one of the day and model of `lines`; `amounts` are its own.
void look_at(const boost::json::object& row, const std::vector<Amount>& amounts,
             const std::vector<ComparedLine>& lines, bool is_money, Suspects& suspects);

}  // namespace foreword::tools
