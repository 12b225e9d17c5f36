#include "tools/reconcile/suspects.h"

#include <algorithm>
#include <chrono>

#include <boost/json.hpp>

#include "config/price_text.h"
#include "proxy/time_text.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

std::string text(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? json::value_to<std::string>(*value)
                                                : std::string();
}

bool crosses_midnight(const json::object& row) {
  const auto began = proxy::parse_rfc3339(text(row, "time"));
  const auto lasted = row.at("duration_ms").to_number<double>();
  if (!began) return false;
  const auto ended = *began + std::chrono::milliseconds(static_cast<std::int64_t>(lasted));
  return config::date_text(*began) != config::date_text(ended);
}

bool is_the_difference(const std::vector<Amount>& amounts, const std::vector<ComparedLine>& lines) {
  const auto same = [](Amount amount, const ComparedLine& line) {
    return amount == line.difference();
  };
  const auto some = [](const ComparedLine& line) { return line.difference() != 0; };
  return std::ranges::any_of(lines, some) && std::ranges::equal(amounts, lines, same);
}

std::vector<Cause> causes_of(const json::object& row, bool is_money) {
  std::vector<Cause> causes;
  const auto usage = text(row, "usage_source");
  const auto tier = text(row, "service_tier");
  if (text(row, "outcome") == "provisional") {
    causes.push_back(Cause::provisional);
  } else if (usage == "estimated" || usage == "partial") {
    causes.push_back(Cause::estimated);
  }
  if (is_money && usage != "none" && !row.at("priced").as_bool()) causes.push_back(Cause::unpriced);
  if (text(row, "label").starts_with("foreword/")) causes.push_back(Cause::own);
  if (crosses_midnight(row)) causes.push_back(Cause::midnight);
  const bool usual_tier = tier.empty() || tier == "standard" || tier == "default";
  if (is_money && !usual_tier) causes.push_back(Cause::other_tier);
  return causes;
}

}  // namespace

std::string_view name_of(Cause cause) {
  switch (cause) {
    case Cause::exactly:
      return "exactly";
    case Cause::provisional:
      return "provisional";
    case Cause::estimated:
      return "estimated";
    case Cause::unpriced:
      return "unpriced";
    case Cause::own:
      return "own";
    case Cause::midnight:
      return "midnight";
    case Cause::other_tier:
      return "tier";
  }
  return "unknown";
}

std::string_view explanation_of(Cause cause, bool several) {
  switch (cause) {
    case Cause::exactly:
      return several ? "are each exactly the difference: the provider may not have counted one"
                     : "is exactly the difference: the provider may not have counted it";
    case Cause::provisional:
      return several ? "have no end yet: they still run, or Foreword was killed"
                     : "has no end yet: it still runs, or Foreword was killed";
    case Cause::estimated:
      return several ? "are estimated: their answers were cut before the final usage came"
                     : "is estimated: its answer was cut before the final usage came";
    case Cause::unpriced:
      return several ? "have no price here: foreword prices import, then foreword prices reprice"
                     : "has no price here: foreword prices import, then foreword prices reprice";
    case Cause::own:
      return several
                 ? "are Foreword's own (pre-warming, keeping warm): billed to the upstream's key"
                 : "is Foreword's own (pre-warming, keeping warm): billed to the upstream's key";
    case Cause::midnight:
      return several ? "ran over midnight UTC: the provider may have counted them the day after"
                     : "ran over midnight UTC: the provider may have counted it the day after";
    case Cause::other_tier:
      return several ? "were served in another tier than the standard one, at another price"
                     : "was served in another tier than the standard one, at another price";
  }
  return "";
}

void look_at(const json::object& row, const std::vector<Amount>& amounts,
             const std::vector<ComparedLine>& lines, bool is_money, Suspects& suspects) {
  ++suspects.requests;
  ++suspects.upstreams[text(row, "upstream")];
  auto causes = causes_of(row, is_money);
  if (is_the_difference(amounts, lines)) causes.insert(causes.begin(), Cause::exactly);
  for (const auto cause : causes) {
    auto& of_cause = suspects.by_cause[static_cast<std::size_t>(cause)];
    ++of_cause.count;
    if (of_cause.first.size() == Suspects::kKept) continue;
    of_cause.first.push_back(
        {text(row, "id"), text(row, "time"), text(row, "label"), text(row, "upstream"), amounts});
  }
}

}  // namespace foreword::tools
