// What a provider says that it counted or charged, by day and model.
//
// Pure functions, thread-safe. Of which kind a report is, its fields say. Anthropic's input
// excludes what a cache gave or took, OpenAI's includes it: the lines here are disjoint, as in the
// ledger.
//   Anthropic usage: uncached_input_tokens, cache_creation.ephemeral_{5m,1h}_input_tokens,
//     cache_read_input_tokens, output_tokens, model, api_key_id, workspace_id
//   Anthropic cost: amount, a decimal string of cents; model, token_type, cost_type, workspace_id
//   OpenAI usage: input_tokens with input_cached_tokens and (since gpt-5.6)
//   input_cache_write_tokens
//     among them, output_tokens, model, api_key_id, project_id
//   OpenAI costs: amount.value in dollars, line_item ("gpt-5.5, cached input"), project_id
//   Claude Console, usage: usage_input_tokens_{no_cache,cache_write_5m,cache_write_1h,cache_read},
//     usage_output_tokens, model_version, api_key, workspace
//   Claude Console, cost: cost_usd in whole cents, model as people write it, token_type, api_key
// report_records.h has the sources.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/money.h"
#include "config/provider.h"
#include "config/result.h"
#include "config/tokens.h"
#include "tools/reconcile/report_records.h"

namespace foreword::tools {

/// Tokens, or picodollars.
using Amount = config::PicodollarTotal;

/// One of the things that a report counts, and which of the ledger's classes it is.
struct ReportLine {
  std::string_view name;
  std::vector<config::TokenClass> classes;  // none: money
};

struct DayAndModel {
  std::string day;    // "2026-11-23", in UTC
  std::string model;  // as canonical_model(); empty: the report does not tell models apart
  auto operator<=>(const DayAndModel&) const = default;
};

struct ProviderReport {
  std::string_view kind;  // "Anthropic usage report"
  config::Provider provider{};
  std::vector<ReportLine> lines;
  bool by_model = false;
  std::vector<Covered> covered;                        // in order, none touches another
  std::map<DayAndModel, std::vector<Amount>> amounts;  // by line
  /// What rounding in the report may have changed of each amount of a day and model.
  std::map<DayAndModel, Amount> rounding;
  /// Money that is not for a model's tokens (web searches, say), by what it is for.
  std::map<std::string, Amount> other_costs;
  /// The whole report by API key, project or workspace, where it says so: tokens, or picodollars.
  std::map<std::string, Amount> by_owner;
  bool has_more = false;
  [[nodiscard]] bool is_money() const { return lines.front().classes.empty(); }
  [[nodiscard]] bool covers(config::TimePoint at) const;
};

/// The name under which a model is compared: of the price table where it knows it ("-20250929" and
/// "Claude Haiku 4.5" are then one with the ledger's), else as it came.
[[nodiscard]] std::string canonical_model(config::Provider provider, std::string_view name);

/// Only the records of this owner count; empty: all. By any of its key, workspace or project
/// fields.
[[nodiscard]] config::Result<ProviderReport> read_provider_report(std::string_view file,
                                                                  std::string_view owner);

}  // namespace foreword::tools
