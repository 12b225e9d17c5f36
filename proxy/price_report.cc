#include "proxy/price_report.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/model_families.h"
#include "config/price_text.h"
#include "proxy/time_text.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;
using config::TokenClass;

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

template <class Number>
json::value number_or_null(const std::optional<Number>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object rates_json(const config::Rates& rates) {
  json::object out;
  for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
    const auto token_class = static_cast<TokenClass>(i);
    out[config::name_of(token_class)] = config::price_text(rates[token_class]);
  }
  return out;
}

/// The classes of a model's provider that cost what input costs, since nothing else is said of
/// them.
json::array at_input_price(config::Provider provider, const config::Rates& rates) {
  std::vector<TokenClass> classes{TokenClass::cache_read};
  if (provider == config::Provider::anthropic) {
    classes.insert(classes.end(), {TokenClass::cache_write_5m, TokenClass::cache_write_1h});
  } else if (provider == config::Provider::openai) {
    classes.insert(classes.end(), {TokenClass::cache_write_30m, TokenClass::cache_write_12h});
  }
  json::array out;
  for (const auto token_class : classes) {
    if (rates[token_class] == rates[TokenClass::input]) {
      out.push_back(json::value(config::name_of(token_class)));
    }
  }
  return out;
}

json::array modifiers_json(const config::ModelTable& table, const config::Model& model,
                           const config::PricePeriod& period) {
  json::array out;
  for (const auto& modifier : table.modifiers(model, period.from)) {
    const bool own = std::ranges::find(period.modifiers, modifier) != period.modifiers.end();
    out.push_back({{"term", modifier.field},
                   {"value", modifier.value},
                   {"factor", modifier.denominator == 1
                                  ? fmt::format("{}", modifier.numerator)
                                  : fmt::format("{}/{}", modifier.numerator, modifier.denominator)},
                   {"of", own ? "model" : "provider"}});
  }
  return out;
}

json::object period_json(const config::ModelTable& table, const config::Model& model,
                         const config::PricePeriod& period, config::TimePoint at) {
  json::object out{
      {"from", period.from == config::kAlways ? json::value(nullptr)
                                              : json::value(config::date_text(period.from))},
      {"in_force", config::has_price(model, at) && &config::period_at(model, at) == &period},
      {"source", period.source.empty() ? model.source : period.source},
      {"rates", rates_json(period.rates)},
      {"at_input_price", at_input_price(model.provider, period.rates)},
      {"long_context", nullptr},
      {"storage_per_hour", nullptr},
      {"modifiers", modifiers_json(table, model, period)}};
  if (period.long_context_threshold_tokens) {
    out["long_context"] = {{"above_prompt_tokens", *period.long_context_threshold_tokens},
                           {"rates", rates_json(period.long_rates)}};
  }
  if (period.storage_per_token_hour) {
    out["storage_per_hour"] = config::price_text(*period.storage_per_token_hour);
  }
  return out;
}

json::object facts_json(const config::Model& model) {
  return {{"name", model.name},
          {"provider", config::name_of(model.provider)},
          {"context_window_tokens", model.context_window_tokens},
          {"max_output_tokens", number_or_null(model.max_output_tokens)},
          {"min_cacheable_tokens", number_or_null(model.min_cacheable_tokens)},
          {"retires", text_or_null(model.retires)},
          {"as_of", model.as_of},
          {"source", model.source},
          {"notes", text_or_null(model.notes)}};
}

json::object import_json(const config::PriceImport& import, std::size_t number) {
  json::array models;
  for (const auto& offer : import.offers) models.push_back(json::value(offer.name));
  return {{"number", number},
          {"file", import.file},
          {"imported", to_rfc3339(import.imported)},
          {"from", import.from ? json::value(config::date_text(*import.from)) : nullptr},
          {"models", std::move(models)}};
}

config::Error unknown_model(const config::ModelTable& table, std::string_view name) {
  const auto close = config::closest_model(table, name);
  return config::Error{fmt::format(
      "no price for '{}'{}: requests to it are counted as unpriced; `foreword prices import FILE` "
      "takes one",
      name, close ? fmt::format(" (did you mean '{}'?)", *close) : "")};
}

}  // namespace

json::object prices_json(const config::ModelTable& table,
                         std::span<const config::PriceImport> imports, config::TimePoint at) {
  json::array models;
  for (const auto& model : table.models()) {
    auto out = facts_json(model);
    out["period"] = period_json(table, model, config::period_at(model, at), at);
    models.push_back(std::move(out));
  }
  json::array taken;
  for (const auto& import : imports) taken.push_back(import_json(import, taken.size() + 1));
  return {
      {"version", table.version()}, {"models", std::move(models)}, {"imports", std::move(taken)}};
}

config::Result<json::object> price_json(const config::ModelTable& table, std::string_view name,
                                        config::TimePoint at) {
  for (const auto provider :
       {config::Provider::anthropic, config::Provider::openai, config::Provider::gemini}) {
    const auto* model = table.find(provider, name);
    if (model == nullptr) continue;
    auto out = facts_json(*model);
    out["asked_for"] = name;
    out["table"] = table.version();
    json::array periods;
    for (const auto& period : model->prices) {
      periods.push_back(period_json(table, *model, period, at));
    }
    out["periods"] = std::move(periods);
    return out;
  }
  return unknown_model(table, name);
}

json::object check_json(const config::ModelTable& table, const config::CheckQuestion& question) {
  using config::FindingLevel;
  std::array<std::uint64_t, 3> counts{};
  json::array findings;
  for (const auto& finding : config::check_prices(table, question)) {
    ++counts.at(static_cast<std::size_t>(finding.level));
    findings.push_back({{"level", config::name_of(finding.level)},
                        {"provider", config::name_of(finding.provider)},
                        {"model", finding.model},
                        {"what", finding.what}});
  }
  return {{"table", table.version()},
          {"models", table.models().size()},
          {"findings", std::move(findings)},
          {"errors", counts.at(static_cast<std::size_t>(FindingLevel::error))},
          {"warnings", counts.at(static_cast<std::size_t>(FindingLevel::warning))},
          {"notes", counts.at(static_cast<std::size_t>(FindingLevel::note))}};
}

json::object to_json(const config::PriceOffer& offer, const config::Weighed& weighed) {
  json::array changes;
  for (const auto& change : weighed.changes) {
    changes.push_back({{"what", change.what},
                       {"from", text_or_null(change.from)},
                       {"to", text_or_null(change.to)},
                       {"percent", text_or_null(change.percent)}});
  }
  json::array remarks;
  for (const auto& remark : weighed.remarks) remarks.push_back(json::value(remark));
  return {{"provider", config::name_of(offer.provider)},
          {"name", offer.name},
          {"verdict", config::name_of(weighed.verdict)},
          {"reason", text_or_null(weighed.reason)},
          {"changes", std::move(changes)},
          {"remarks", std::move(remarks)}};
}

}  // namespace foreword::proxy
