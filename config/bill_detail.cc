#include "config/bill_detail.h"

#include <string>
#include <string_view>

namespace foreword::config {
namespace {

std::string_view value_of(const ServiceTerms& terms, std::string_view field) {
  if (field == "service_tier") return terms.service_tier;
  if (field == "speed") return terms.speed;
  return field == "inference_geo" ? std::string_view(terms.inference_geo) : std::string_view();
}

}  // namespace

BillDetail bill_detail(const ModelTable& table, const Model& model, const TokenCounts& counts,
                       const ServiceTerms& terms, TimePoint at) {
  BillDetail detail;
  const auto in_force = rates_in_force(model, counts.prompt(), at);
  detail.long_context = in_force.long_context;
  for (std::size_t i = 0; i < kTokenClasses; ++i) {
    const auto token_class = static_cast<TokenClass>(i);
    const auto tokens = counts[token_class];
    if (tokens == 0) continue;
    const auto rate = in_force.rates[token_class];
    detail.lines.push_back({token_class, tokens, rate, PicodollarTotal{tokens} * rate});
  }
  for (const auto& modifier : table.modifiers(model, at)) {
    const bool applies =
        !modifier.value.empty() && value_of(terms, modifier.field) == modifier.value;
    if (applies) detail.modifiers.push_back(modifier);
  }
  detail.total = table.cost(model, counts, terms, at).actual;
  return detail;
}

}  // namespace foreword::config
