#include "proxy/advice_json.h"

#include <algorithm>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/number_text.h"
#include "proxy/time_text.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

using cache::FinetuneKind;
using config::Estimate;
using config::PicodollarTotal;

constexpr PicodollarTotal kCent = config::kPicodollarsPerDollar / 100;
/// "The whole knowledge base for less than ten cents a request."
constexpr PicodollarTotal kTenCents = 10 * kCent;

/// "$1,234.56", half a cent up.
std::string dollars(PicodollarTotal amount) {
  const auto size = amount < 0 ? -amount : amount;
  const auto cents = static_cast<std::uint64_t>((size + kCent / 2) / kCent);
  return fmt::format("{}${}.{:02}", amount < 0 ? "-" : "", config::with_commas(cents / 100),
                     cents % 100);
}

/// "3.25 cents", as picodollars have it.
std::string cents(PicodollarTotal amount) {
  return config::to_usd(amount * 100) + " cents";
}

std::string tokens(std::uint64_t count) {
  constexpr std::uint64_t kThousand = 1'000;
  constexpr std::uint64_t kMillion = 1'000'000;
  if (count >= kMillion) return fmt::format("{:.1f}M", static_cast<double>(count) / kMillion);
  if (count >= kThousand) return fmt::format("{:.1f}k", static_cast<double>(count) / kThousand);
  return std::to_string(count);
}

std::string_view words_for(FinetuneKind kind) {
  switch (kind) {
    case FinetuneKind::self_hosted:
      return "on rented GPUs";
    case FinetuneKind::managed:
      return "by a provider, per token";
    case FinetuneKind::dedicated:
      return "by a provider, on dedicated machines";
  }
  return {};
}

PicodollarTotal cheapest(const cache::Advice& advice, Estimate estimate) {
  return advice.bill(advice.cheapest(estimate), estimate).total();
}

std::string sentence(const cache::Advice& advice) {
  if (advice.verdict == cache::Verdict::cannot_tell) {
    return "Cannot tell yet: the ledger has no request that cost anything.";
  }
  const auto kind = advice.cheapest(Estimate::typical);
  const auto bills = fmt::format(
      "this traffic costs {} a month, and the cheapest fine-tune ({}) {}, from {} to {}",
      dollars(advice.month.actual), words_for(kind), dollars(cheapest(advice, Estimate::typical)),
      dollars(cheapest(advice, Estimate::low)), dollars(cheapest(advice, Estimate::high)));
  switch (advice.verdict) {
    case cache::Verdict::no:
      return "Do not fine-tune: " + bills + ".";
    case cache::Verdict::no_as_typical:
      return "Do not fine-tune, unless your costs are near the low end: " + bills + ".";
    default:
      return "Fine-tune: " + bills + ".";
  }
}

json::value scaling(const cache::Advice& advice) {
  if (!advice.scaled_from_too_little()) return nullptr;
  return json::value(fmt::format(
      "The ledger covers {} s, less than a day: it counts as one whole day, the rest of it silent, "
      "times 30.4 for a month. If that traffic goes on all day, the month is larger.",
      advice.observed.count()));
}

json::object bill_json(const cache::FinetuneBill& bill) {
  return {{"total_usd", config::to_usd(bill.total())},
          {"machines", bill.machines},
          {"serving_usd", config::to_usd(bill.serving)},
          {"training_usd", config::to_usd(bill.training)},
          {"people_usd", config::to_usd(bill.people)},
          {"tools_usd", config::to_usd(bill.tools)}};
}

json::object bills_json(const cache::Advice& advice) {
  json::object out;
  for (const auto kind : cache::kFinetuneKinds) {
    json::object of_kind;
    for (const auto estimate : config::kEstimates) {
      of_kind[config::name_of(estimate)] = bill_json(advice.bill(kind, estimate));
    }
    out[cache::name_of(kind)] = std::move(of_kind);
  }
  return out;
}

/// A day's share of the cheapest fine-tune's month.
json::object cheapest_json(const cache::Advice& advice) {
  constexpr PicodollarTotal kHoursAMonth = 730;
  json::object out;
  for (const auto estimate : config::kEstimates) {
    const auto kind = advice.cheapest(estimate);
    const auto total = advice.bill(kind, estimate).total();
    out[config::name_of(estimate)] = {{"kind", cache::name_of(kind)},
                                      {"words", words_for(kind)},
                                      {"total_usd", config::to_usd(total)},
                                      {"day_usd", config::to_usd(total * 24 / kHoursAMonth)}};
  }
  return out;
}

json::object break_even_json(const cache::ModelAdvice& model) {
  json::object out;
  for (const auto kind : cache::kFinetuneKinds) {
    json::object of_kind;
    for (const auto estimate : config::kEstimates) {
      const auto tokens = model.break_even_at(kind, estimate);
      of_kind[config::name_of(estimate)] = tokens ? json::value(*tokens) : json::value(nullptr);
    }
    out[cache::name_of(kind)] = std::move(of_kind);
  }
  return out;
}

json::object model_json(const cache::ModelAdvice& model) {
  json::value kb;
  if (model.kb) {
    kb = {{"tokens", model.kb->tokens},
          {"warm_usd", config::to_usd(model.kb->warm)},
          {"cold_usd", config::to_usd(model.kb->cold)},
          {"warm_within_ten_cents", model.kb->warm <= kTenCents}};
  }
  return {{"provider", config::name_of(model.traffic.provider)},
          {"model", model.traffic.model},
          {"requests", model.traffic.requests},
          {"month_usd", config::to_usd(model.month.actual)},
          {"month_output_tokens", model.month.tokens.output},
          {"break_even_output_tokens", break_even_json(model)},
          {"kb_per_request", std::move(kb)}};
}

json::object case_json(std::string_view name, bool excluded, std::string evidence) {
  return {{"case", name},
          {"finding", excluded ? "not in this traffic" : "traffic cannot tell"},
          {"evidence", std::move(evidence)}};
}

json::object structured_output(const cache::Advice& advice) {
  constexpr auto kName = "stable, high-volume structured output";
  std::uint64_t least = 0;
  for (const auto& model : advice.models) {
    const auto at = model.break_even_at(FinetuneKind::self_hosted, Estimate::typical);
    if (at && (least == 0 || *at < least)) least = *at;
  }
  const auto output = advice.month.tokens.output;
  if (least == 0 || output < least) {
    return case_json(
        kName, true,
        fmt::format("the volume is not there: {} output tokens a month, {}", tokens(output),
                    least == 0 ? std::string("and no volume would pay for GPUs")
                               : "renting pays from " + tokens(least) + " on"));
  }
  return case_json(kName, false,
                   fmt::format("the volume is there ({} output tokens a month, renting pays from "
                               "{} on); the ledger does not record the shape of answers",
                               tokens(output), tokens(least)));
}

json::object fast_answers(const cache::Traffic& traffic) {
  constexpr auto kName = "answers within 30 ms";
  if (!traffic.fastest_first_byte) {
    return case_json(kName, false, "no request was answered to its end");
  }
  const auto fastest = static_cast<double>(traffic.fastest_first_byte->count()) / 1000.0;
  const auto evidence =
      fmt::format("the fastest of {} answers began after {:.1f} ms, {} within 30 ms",
                  traffic.answered, fastest, traffic.within_30ms);
  const bool lives_without = traffic.within_30ms == 0;
  return case_json(kName, lives_without,
                   evidence + (lives_without ? "; clients waited for them all"
                                             : "; whether that is needed, it does not say"));
}

json::object distillation(const cache::Advice& advice) {
  constexpr auto kName = "distillation into a small model";
  const auto least = cheapest(advice, Estimate::low);
  if (advice.month.actual <= least) {
    return case_json(kName, true,
                     fmt::format("it could save {} a month, all there is to save, and costs {} at "
                                 "the least",
                                 dollars(advice.month.actual), dollars(least)));
  }
  const auto& dearest = advice.models.front();
  return case_json(kName, false,
                   fmt::format("{} has {} of {} a month; whether a small model answers as well, "
                               "only a trial shows: `foreword distill` keeps what to train it on",
                               dearest.traffic.model, dollars(dearest.month.actual),
                               dollars(advice.month.actual)));
}

json::array cases_json(const cache::Advice& advice) {
  if (advice.verdict == cache::Verdict::cannot_tell) return {};
  json::array out;
  out.push_back(structured_output(advice));
  out.push_back(case_json("no network", false,
                          fmt::format("all {} requests here went over one; where there is none, "
                                      "no hosted model is a choice",
                                      advice.traffic.requests)));
  out.push_back(fast_answers(advice.traffic));
  out.push_back(distillation(advice));
  return out;
}

json::array assumptions_json(const cache::Advice& advice,
                             const config::FinetuneSettings& settings) {
  const config::FinetuneSettings defaults;
  json::array out;
  for (const auto& assumption : config::finetune_assumptions()) {
    auto range = settings.*assumption.member;
    const bool is_default = range == defaults.*assumption.member;
    if (assumption.member == &config::FinetuneSettings::trainings_per_year) {
      range = advice.trainings_per_year;
    }
    json::object entry{{"key", assumption.key}, {"what", assumption.doc}};
    for (const auto estimate : config::kEstimates) {
      entry[config::name_of(estimate)] = config::millionths_text(range[estimate]);
    }
    entry["least"] = config::millionths_text(assumption.least);
    entry["most"] = config::millionths_text(assumption.most);
    entry["more_is_cheaper"] = assumption.more_is_cheaper;
    entry["source"] = is_default ? assumption.source : "the settings";
    out.push_back(std::move(entry));
  }
  return out;
}

json::object month_json(const cache::Advice& advice) {
  return {{"actual_usd", config::to_usd(advice.month.actual)},
          {"uncached_usd", config::to_usd(advice.uncached)},
          {"output_tokens", advice.month.tokens.output},
          {"prompt_tokens_without_kb", advice.month.tokens.prompt},
          {"busiest_hour_output_tokens", advice.month.busiest_hour.output},
          {"busiest_hour_prompt_tokens_without_kb", advice.month.busiest_hour.prompt}};
}

json::value time_or_null(const std::optional<config::TimePoint>& at) {
  return at ? json::value(to_rfc3339(*at)) : json::value(nullptr);
}

std::string kb_sentence(const cache::KbClaim& claim) {
  auto text = fmt::format("{} tokens warm on {}: {}; cold: {}.", cache::kClaimedKbTokens,
                          claim.model, cents(claim.warm), cents(claim.cold));
  if (claim.warm_long_context) {
    text += fmt::format(
        " With a question behind them the prompt is in the long-context tier (and beyond the "
        "standard window): {} warm.",
        cents(*claim.warm_long_context));
  }
  if (claim.same_text_tokens != cache::kClaimedKbTokens) {
    text += fmt::format(" Its tokeniser makes about {} tokens of the same text: {} warm.",
                        claim.same_text_tokens, cents(claim.same_text_warm));
  }
  return text;
}

std::string break_even_sentence(const cache::BreakEvenClaim& claim) {
  constexpr auto kClaimed = cache::kClaimedBreakEven;
  const auto where = claim.at_400 > kClaimed   ? "later than"
                     : claim.at_800 < kClaimed ? "earlier than"
                                               : "about where";
  const auto verb =
      claim.at_400 > kClaimed || claim.at_800 < kClaimed ? "claimed" : "it is claimed";
  return fmt::format(
      "{} to {} output tokens a month, {} {}: an output token with the {} plain and {} cached "
      "prompt tokens that come with it costs ${} a million.",
      tokens(claim.at_400), tokens(claim.at_800), where, verb, claim.plain_per_output,
      claim.cached_per_output, config::to_usd(PicodollarTotal{claim.per_output_token} * 1'000'000));
}

}  // namespace

json::object to_json(const cache::Advice& advice, const config::FinetuneSettings& settings) {
  json::array models;
  for (const auto& model : advice.models) models.push_back(model_json(model));
  return {{"verdict", cache::name_of(advice.verdict)},
          {"sentence", sentence(advice)},
          {"first", time_or_null(advice.traffic.first)},
          {"last", time_or_null(advice.traffic.last)},
          {"scaling", scaling(advice)},
          {"requests", advice.traffic.requests},
          {"left_out_unpriced", advice.traffic.left_out},
          {"month", month_json(advice)},
          {"hardware", settings.hardware},
          {"finetune", bills_json(advice)},
          {"cheapest", cheapest_json(advice)},
          {"models", std::move(models)},
          {"cases", cases_json(advice)},
          {"assumptions", assumptions_json(advice, settings)}};
}

json::object to_json(const cache::FinetuneClaims& claims) {
  json::array kb;
  for (const auto& claim : claims.kb) {
    kb.push_back({{"model", claim.model},
                  {"kb_tokens", cache::kClaimedKbTokens},
                  {"warm_usd", config::to_usd(claim.warm)},
                  {"cold_usd", config::to_usd(claim.cold)},
                  {"warm_long_context_usd",
                   claim.warm_long_context ? json::value(config::to_usd(*claim.warm_long_context))
                                           : json::value(nullptr)},
                  {"same_text_tokens", claim.same_text_tokens},
                  {"same_text_warm_usd", config::to_usd(claim.same_text_warm)},
                  {"sentence", kb_sentence(claim)}});
  }
  json::array mixes;
  for (const auto& claim : claims.break_even) {
    mixes.push_back({{"mix", claim.mix},
                     {"output_tokens_at_400_usd", claim.at_400},
                     {"output_tokens_at_800_usd", claim.at_800},
                     {"sentence", break_even_sentence(claim)}});
  }
  const auto per_million = [](config::Picodollars per_token) {
    return config::to_usd(PicodollarTotal{per_token} * 1'000'000);
  };
  return {
      {"kb", std::move(kb)},
      {"break_even", std::move(mixes)},
      {"claimed_output_tokens", cache::kClaimedBreakEven},
      {"explanation",
       fmt::format("The claim of {} output tokens holds where an output token, with its prompt, "
                   "costs ${} to ${} a million. It counts the rent alone: no training, no "
                   "engineers, one GPU whatever the traffic.",
                   tokens(cache::kClaimedBreakEven), per_million(claims.implied_at_400),
                   per_million(claims.implied_at_800))}};
}

}  // namespace foreword::proxy
