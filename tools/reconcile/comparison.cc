#include "tools/reconcile/comparison.h"

#include <algorithm>

#include <boost/json.hpp>

#include "config/models.h"
#include "config/price_text.h"
#include "proxy/time_text.h"
#include "tools/reconcile/decimal.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

constexpr Amount kMillionthsOfAll = 100'000'000;

std::string text(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? json::value_to<std::string>(*value)
                                                : std::string();
}

Amount tokens(const json::object& row, config::TokenClass token_class) {
  return Amount{row.at("tokens").at(config::name_of(token_class)).to_number<std::uint64_t>()};
}

bool differs(const ComparedLine& line, Amount rounding, Tolerance tolerance) {
  const Amount apart = line.difference() < 0 ? -line.difference() : line.difference();
  const Amount provider = line.provider < 0 ? -line.provider : line.provider;
  return apart > rounding && apart * kMillionthsOfAll > provider * Amount{tolerance.millionths};
}

}  // namespace

std::optional<Tolerance> parse_tolerance(std::string_view text) {
  // A per cent in picodollars has six digits more than are needed.
  const auto parsed = decimal_picodollars(text);
  constexpr Amount kMillionth = config::kPicodollarsPerDollar / 1'000'000;
  if (!parsed || *parsed < 0 || *parsed > 100 * Amount{config::kPicodollarsPerDollar} ||
      *parsed % kMillionth != 0) {
    return std::nullopt;
  }
  return Tolerance{static_cast<std::uint64_t>(*parsed / kMillionth)};
}

std::optional<Comparison::Row> Comparison::read(const json::object& row) const {
  if (text(row, "provider") != config::name_of(report_.provider)) return std::nullopt;
  if (!side_.upstream.empty() && text(row, "upstream") != side_.upstream) return std::nullopt;
  const auto at = proxy::parse_rfc3339(text(row, "time"));
  if (!at || !report_.covers(*at)) return std::nullopt;
  Row out;
  out.key.day = config::date_text(*at);
  if (report_.by_model) out.key.model = canonical_model(report_.provider, text(row, "model"));
  for (const auto& line : report_.lines) {
    Amount amount = 0;
    for (const auto token_class : line.classes) amount += tokens(row, token_class);
    if (line.classes.empty()) amount = decimal_picodollars(text(row, "cost_usd")).value_or(0);
    out.amounts.push_back(amount);
  }
  return out;
}

void Comparison::add(const json::object& row) {
  const auto read_row = read(row);
  if (!read_row) return;
  ++rows_;
  const auto nothing = [](Amount amount) { return amount == 0; };
  if (std::ranges::all_of(read_row->amounts, nothing)) return;
  auto& sums = ledger_[read_row->key];
  sums.resize(report_.lines.size());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += read_row->amounts[i];
}

std::map<DayAndModel, std::vector<ComparedLine>> Comparison::compare(Tolerance tolerance) const {
  std::map<DayAndModel, std::vector<ComparedLine>> out;
  for (const auto& [key, amounts] : ledger_) {
    auto& lines = out[key];
    lines.resize(report_.lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].ledger = amounts[i];
  }
  for (const auto& [key, amounts] : report_.amounts) {
    auto& lines = out[key];
    lines.resize(report_.lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].provider = amounts[i];
  }
  for (auto& [key, lines] : out) {
    const auto rounded = report_.rounding.find(key);
    const Amount rounding = rounded == report_.rounding.end() ? Amount{0} : rounded->second;
    for (auto& line : lines) line.differs = differs(line, rounding, tolerance);
  }
  return out;
}

}  // namespace foreword::tools
