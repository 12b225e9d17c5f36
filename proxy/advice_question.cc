#include "proxy/advice_question.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "proxy/admin_response.h"

namespace foreword::proxy {
namespace {

using config::FinetuneAssumption;

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

config::Error refuse(const FinetuneAssumption& assumption) {
  return config::Error{fmt::format(
      "{} takes a number from {} to {}, or three: low,typical,high, which {} from left to right",
      assumption.key, config::millionths_text(assumption.least),
      config::millionths_text(assumption.most), assumption.more_is_cheaper ? "fall" : "rise")};
}

}  // namespace

config::Result<config::FinetuneSettings> assumptions_asked_for(std::string_view query,
                                                               config::FinetuneSettings settings) {
  const auto all = config::finetune_assumptions();
  for (const auto& name : query_names(query)) {
    if (name == "from" || name == "to") continue;
    const auto found = std::ranges::find(all, name, &FinetuneAssumption::key);
    if (found == all.end()) {
      return config::Error{"'" + name + "' is no assumption of [finetune], nor from or to"};
    }
    const auto texts = split_at_commas(query_parameter(query, name).value_or(""));
    if (!config::set_assumption(*found, settings, texts)) return refuse(*found);
  }
  return settings;
}

}  // namespace foreword::proxy
