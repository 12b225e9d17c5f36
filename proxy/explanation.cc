#include "proxy/explanation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/cache_story.h"
#include "cache/ledger.h"
#include "config/bill_detail.h"
#include "config/price_text.h"
#include "proxy/admin_json.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;
using config::TokenClass;
using config::TokenCounts;

constexpr std::array kWrites = {TokenClass::cache_write_5m, TokenClass::cache_write_1h,
                                TokenClass::cache_write_30m, TokenClass::cache_write_12h};

TokenCounts all_read(TokenCounts counts) {
  for (const auto written : kWrites) {
    counts[TokenClass::cache_read] += std::exchange(counts[written], 0);
  }
  return counts;
}

/// What is read would have been written as the provider charges that by itself.
TokenCounts all_written(TokenCounts counts, const config::Model& model) {
  auto written = TokenClass::input;
  if (model.provider == config::Provider::anthropic) written = TokenClass::cache_write_5m;
  if (model.explicit_breakpoints) written = TokenClass::cache_write_30m;
  counts[written] += std::exchange(counts[TokenClass::cache_read], 0);
  return counts;
}

/// The knowledge base stands in front, so its tokens are those that were read, then written.
TokenCounts without(TokenCounts counts, std::uint64_t kb_tokens) {
  constexpr std::array kInFront = {TokenClass::cache_read,     TokenClass::cache_write_12h,
                                   TokenClass::cache_write_1h, TokenClass::cache_write_30m,
                                   TokenClass::cache_write_5m, TokenClass::input};
  for (const auto token_class : kInFront) {
    const auto taken = std::min(kb_tokens, counts[token_class]);
    counts[token_class] -= taken;
    kb_tokens -= taken;
  }
  return counts;
}

json::object cache_json(const cache::CacheStory& story) {
  return {
      {"cause", cache::name_of(story.cause)},
      {"before", story.before ? json::value(cache::to_text(*story.before)) : nullptr},
      {"since_before_s", static_cast<double>(story.since_before.count()) / 1000.0},
      {"time_to_live_s", story.time_to_live ? json::value(story.time_to_live->count()) : nullptr}};
}

json::object bill_json(const config::ModelTable& table, const config::BillDetail& detail,
                       const cache::LedgerRow& row) {
  json::array lines;
  for (const auto& line : detail.lines) {
    lines.push_back({{"class", config::name_of(line.token_class)},
                     {"tokens", line.tokens},
                     {"usd_per_million", config::price_text(line.per_token)},
                     {"usd", config::to_usd(line.amount)}});
  }
  json::array factors;
  for (const auto& modifier : detail.modifiers) {
    factors.push_back({{"term", modifier.field},
                       {"value", modifier.value},
                       {"factor", fmt::format("{}/{}", modifier.numerator, modifier.denominator)}});
  }
  return {{"table", table.version()},
          {"long_context", detail.long_context},
          {"lines", std::move(lines)},
          {"factors", std::move(factors)},
          {"usd", config::to_usd(detail.total)},
          {"agrees", row.priced && detail.total == row.cost_actual}};
}

json::object scenarios_json(const config::ModelTable& table, const config::Model& model,
                            const cache::LedgerRow& row) {
  const auto cost = [&](const TokenCounts& counts) {
    return config::to_usd(table.cost(model, counts, row.terms, row.started).actual);
  };
  json::object out{{"paid", config::to_usd(row.cost_actual)},
                   {"uncached", config::to_usd(row.cost_uncached)},
                   {"all_read", cost(all_read(row.tokens))},
                   {"all_written", cost(all_written(row.tokens, model))}};
  if (!row.kb.empty()) out["without_kb"] = cost(without(row.tokens, row.kb_tokens_estimate));
  return out;
}

config::Result<std::optional<cache::LedgerRow>> find(const cache::Store& store,
                                                     const std::optional<cache::RequestId>& id) {
  if (id) return cache::find_row(store, *id);
  auto rows = cache::latest_rows(store, 1, std::nullopt);
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<cache::LedgerRow>();
  return std::optional<cache::LedgerRow>(std::move(rows->front()));
}

}  // namespace

AdminResponse explanation(const Services& services, const cache::Store& store,
                          std::string_view query) {
  std::optional<cache::RequestId> id;
  if (const auto text = query_parameter(query, "id")) {
    id = cache::parse_request_id(*text);
    if (!id) return error_response(400, "an id is 32 hexadecimal digits, as in X-Foreword-Request");
  }
  services.ledger.flush();
  const auto found = find(store, id);
  if (!found) return failed_response(found.error());
  if (!*found) {
    return error_response(
        404, id ? "no request of that id in the ledger" : "there is no request in the ledger yet");
  }
  const auto& row = **found;
  const auto story = cache::cache_story(store, row);
  if (!story) return failed_response(story.error());
  json::object answer{{"request", to_json(row)}, {"cache", cache_json(*story)}};
  const auto& table = services.models.now();
  const auto* model = row.priced ? table.find(row.provider, row.model) : nullptr;
  answer["bill"] = nullptr;
  answer["scenarios"] = json::object();
  if (model != nullptr) {
    const auto detail = config::bill_detail(table, *model, row.tokens, row.terms, row.started);
    answer["bill"] = bill_json(table, detail, row);
    answer["scenarios"] = scenarios_json(table, *model, row);
  }
  return json_response(200, answer);
}

}  // namespace foreword::proxy
