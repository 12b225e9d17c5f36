#include "tools/reconcile/provider_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "config/models.h"
#include "config/price_text.h"
#include "tools/reconcile/decimal.h"

namespace foreword::tools {
namespace {

using config::Error;
using config::Provider;
using config::Result;
using config::TokenClass;

/// A kind of report: how it is told from the others, and where its values are.
struct Shape {
  std::string_view kind;
  Provider provider;
  std::string_view marks;  // a field that only this kind has
  std::string_view model;
  std::string_view money;  // the field of the amount; empty: tokens
  int down = 0;            // money is in dollars divided by 10 to the this
  Amount rounding = 0;     // of each amount of money, picodollars
};

constexpr Amount kHalfACent = config::kPicodollarsPerDollar / 200;
constexpr std::array kShapes = {
    Shape{"Anthropic usage report", Provider::anthropic, "uncached_input_tokens", "model", ""},
    Shape{"Claude Console usage export", Provider::anthropic, "usage_input_tokens_no_cache",
          "model_version", ""},
    Shape{"Claude Console cost export", Provider::anthropic, "cost_usd", "model", "cost_usd", 0,
          kHalfACent},
    Shape{"OpenAI costs", Provider::openai, "amount.value", "line_item", "amount.value"},
    Shape{"OpenAI costs export", Provider::openai, "amount_value", "line_item", "amount_value"},
    Shape{"OpenAI usage", Provider::openai, "num_model_requests", "model", ""},
    Shape{"Anthropic cost report", Provider::anthropic, "amount", "model", "amount", 2},
};

constexpr std::array<std::string_view, 5> kOwners = {"api_key_id", "api_key", "workspace_id",
                                                     "workspace", "project_id"};

std::string_view field(const ReportRecord& record, std::string_view name) {
  const auto found = record.fields.find(name);
  return found == record.fields.end() ? std::string_view() : std::string_view(found->second);
}

const Shape* shape_of(const ReportRecords& records) {
  for (const auto& shape : kShapes) {
    const auto has_mark = [&](const ReportRecord& r) { return r.fields.contains(shape.marks); };
    if (std::ranges::any_of(records.records, has_mark)) return &shape;
  }
  return nullptr;
}

/// Nothing: it is no number. A field that is not there is 0.
std::optional<Amount> count(const ReportRecord& record, std::string_view name) {
  const auto text = field(record, name);
  if (text.empty()) return Amount{0};
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  constexpr std::uint64_t kMost = 1'000'000'000'000'000'000;
  if (failure != std::errc() || stop != end || number > kMost) return std::nullopt;
  return Amount{number};
}

/// A report's line, the field of a record that it is from, and the one that is taken off again.
struct Source {
  ReportLine line;
  std::string_view plus;
  std::vector<std::string_view> minus;
};

std::vector<Source> anthropic_sources(bool console) {
  const auto of = [&](std::string_view api, std::string_view csv) { return console ? csv : api; };
  return {
      {{"input", {TokenClass::input}},
       of("uncached_input_tokens", "usage_input_tokens_no_cache"),
       {}},
      {{"cache_read", {TokenClass::cache_read}},
       of("cache_read_input_tokens", "usage_input_tokens_cache_read"),
       {}},
      {{"cache_write_5m", {TokenClass::cache_write_5m}},
       of("cache_creation.ephemeral_5m_input_tokens", "usage_input_tokens_cache_write_5m"),
       {}},
      {{"cache_write_1h", {TokenClass::cache_write_1h}},
       of("cache_creation.ephemeral_1h_input_tokens", "usage_input_tokens_cache_write_1h"),
       {}},
      {{"output", {TokenClass::output}}, of("output_tokens", "usage_output_tokens"), {}},
  };
}

/// A report from before there was a charge for writing counts what was written as plain input.
std::vector<Source> openai_sources(bool tells_writes) {
  const std::vector<TokenClass> writes = {TokenClass::cache_write_30m, TokenClass::cache_write_12h};
  std::vector<Source> sources = {
      {{"input", {TokenClass::input}},
       "input_tokens",
       {"input_cached_tokens", "input_cache_write_tokens"}},
      {{"cache_read", {TokenClass::cache_read}}, "input_cached_tokens", {}},
      {{"cache_write", writes}, "input_cache_write_tokens", {}},
      {{"output", {TokenClass::output}}, "output_tokens", {}},
  };
  if (!tells_writes) {
    auto& input = sources.front().line.classes;
    input.insert(input.end(), writes.begin(), writes.end());
    sources.erase(sources.begin() + 2);
  }
  return sources;
}

std::vector<Source> sources_of(const Shape& shape, const ReportRecords& records) {
  if (!shape.money.empty()) return {{{"USD", {}}, shape.money, {}}};
  if (shape.provider == Provider::anthropic) {
    return anthropic_sources(shape.marks == "usage_input_tokens_no_cache");
  }
  const auto tells_writes = [](const ReportRecord& record) {
    return record.fields.contains("input_cache_write_tokens");
  };
  return openai_sources(std::ranges::any_of(records.records, tells_writes));
}

/// Nothing: a field is no number, or parts are larger than their whole.
std::optional<Amount> amount_of(const Shape& shape, const Source& source,
                                const ReportRecord& record) {
  if (!shape.money.empty()) return decimal_picodollars(field(record, source.plus), shape.down);
  auto amount = count(record, source.plus);
  for (const auto name : source.minus) {
    const auto part = count(record, name);
    if (!amount || !part || *part > *amount) return std::nullopt;
    *amount -= *part;
  }
  return amount;
}

/// Of a cost that is for no model's tokens, what it is for.
std::optional<std::string> other_cost(const Shape& shape, const ReportRecord& record) {
  const auto cost_type = field(record, "cost_type");
  const bool no_tokens = !cost_type.empty() && cost_type != "tokens" && cost_type != "token";
  if (no_tokens) return std::string(cost_type);
  const auto item = field(record, shape.model);
  const bool is_line_item = shape.model == "line_item" && !item.empty();
  if (is_line_item && item.find(", ") == std::string_view::npos) return std::string(item);
  return std::nullopt;
}

std::string model_of(const Shape& shape, const ReportRecord& record) {
  auto name = field(record, shape.model);
  if (shape.model == "line_item") name = name.substr(0, name.find(", "));
  return name.empty() ? std::string() : canonical_model(shape.provider, name);
}

bool is_of(const ReportRecord& record, std::string_view owner) {
  const auto is_it = [&](std::string_view name) { return field(record, name) == owner; };
  return owner.empty() || std::ranges::any_of(kOwners, is_it);
}

/// The finest owner that the record names.
std::string_view owner_of(const ReportRecord& record) {
  for (const auto name : kOwners) {
    if (const auto owner = field(record, name); !owner.empty()) return owner;
  }
  return {};
}

std::vector<Covered> joined(std::vector<Covered> buckets) {
  std::ranges::sort(buckets, {}, &Covered::from);
  std::vector<Covered> out;
  for (const auto& bucket : buckets) {
    if (out.empty() || bucket.from > out.back().to) {
      out.push_back(bucket);
    } else {
      out.back().to = std::max(out.back().to, bucket.to);
    }
  }
  return out;
}

Result<void> add(const Shape& shape, const std::vector<Source>& sources, const ReportRecord& record,
                 ProviderReport& report) {
  std::vector<Amount> amounts;
  for (const auto& source : sources) {
    const auto amount = amount_of(shape, source, record);
    if (!amount) {
      return Error{fmt::format("{} of {}: '{}' is no amount, or less than its parts", shape.kind,
                               config::date_text(record.bucket.from), source.plus)};
    }
    amounts.push_back(*amount);
  }
  if (const auto owner = owner_of(record); !owner.empty()) {
    auto& sum = report.by_owner[std::string(owner)];
    for (const auto amount : amounts) sum += amount;
  }
  if (const auto other = other_cost(shape, record)) {
    report.other_costs[*other] += amounts.front();
    return {};
  }
  const DayAndModel key{config::date_text(record.bucket.from), model_of(shape, record)};
  auto& sums = report.amounts[key];
  sums.resize(amounts.size());
  for (std::size_t i = 0; i < amounts.size(); ++i) sums[i] += amounts[i];
  report.rounding[key] += shape.rounding;
  return {};
}

bool is_dollars(const ReportRecord& record) {
  for (const auto name : {"currency", "amount.currency", "amount_currency"}) {
    const auto currency = field(record, name);
    if (!currency.empty() && currency != "USD" && currency != "usd") return false;
  }
  return true;
}

}  // namespace

bool ProviderReport::covers(config::TimePoint at) const {
  const auto after = std::ranges::upper_bound(covered, at, {}, &Covered::from);
  return after != covered.begin() && at < std::prev(after)->to;
}

std::string canonical_model(Provider provider, std::string_view name) {
  std::string canonical(name);
  if (canonical.find(' ') != std::string::npos) {
    for (char& c : canonical) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if (c == ' ' || c == '.') c = '-';
    }
  }
  const auto* model = config::ModelTable::built_in().find(provider, canonical);
  return model == nullptr ? canonical : model->name;
}

Result<ProviderReport> read_provider_report(std::string_view file, std::string_view owner) {
  auto records = read_report_records(file);
  if (!records) return records.error();
  const auto* shape = shape_of(*records);
  if (shape == nullptr) {
    return Error{fmt::format("{}; {}",
                             records->buckets.empty() ? "it has no bucket and no row"
                                                      : "no bucket has a field that is known",
                             kReportForms)};
  }
  ProviderReport report;
  report.kind = shape->kind;
  report.provider = shape->provider;
  report.has_more = records->has_more;
  report.covered = joined(std::move(records->buckets));
  const auto sources = sources_of(*shape, *records);
  for (const auto& source : sources) report.lines.push_back(source.line);
  for (const auto& record : records->records) {
    // A line of an export for a bucket in which nothing happened.
    const bool is_empty = !record.fields.contains(shape->marks);
    if (is_empty || !is_of(record, owner)) continue;
    if (!is_dollars(record)) return Error{"its amounts are not in USD"};
    if (const auto done = add(*shape, sources, record, report); !done) return done.error();
  }
  if (!owner.empty() && report.by_owner.empty()) {
    return Error{fmt::format("nothing in it is of the key, workspace or project '{}'", owner)};
  }
  const auto names_model = [](const auto& entry) { return !entry.first.model.empty(); };
  report.by_model = std::ranges::any_of(report.amounts, names_model);
  return report;
}

}  // namespace foreword::tools
