#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "config/money.h"
#include "config/price_text.h"
#include "config/suggest.h"
#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/ledger_trace.h"
#include "tools/period.h"
#include "tools/replay/bound.h"
#include "tools/replay/policies.h"
#include "tools/replay/replay.h"
#include "tools/replay/trace_reader.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;
using replay::NamedPolicy;
using replay::Outcome;
using replay::Trace;

/// The planner's own: what --plan-out is of where no policy is named.
constexpr std::string_view kForeword = "foreword";

struct Row {
  std::string name;
  std::string what;
  Outcome outcome;
};

struct Report {
  const config::Model& model;
  config::TimePoint prices_of;
  config::CacheTerms terms;
  std::optional<config::Picodollars> pings_per_day;  // nothing: no cap
  Trace trace;
  double bound = 0;  // both relative to no caching
  double bound_with_pings = 0;
  std::vector<Row> rows;

  /// Of what could be saved at most.
  [[nodiscard]] double share(const Outcome& outcome) const {
    return bound < 1 ? (1 - outcome.bill(terms)) / (1 - bound) : 0;
  }
};

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const auto close = config::suggest(name, known);
  return close ? fmt::format("; did you mean {}?", *close) : "";
}

int usage_error(const std::string& message) {
  fail(message);
  return kUsage;
}

const config::Model* find_model(const config::ModelTable& table, const std::string& name) {
  for (const auto provider :
       {config::Provider::anthropic, config::Provider::openai, config::Provider::gemini}) {
    if (const auto* model = table.find(provider, name)) return model;
  }
  return nullptr;
}

std::string unknown_model(const config::ModelTable& table, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& model : table.models()) known.push_back(model.name);
  return fmt::format("no model '{}' in the price table{}", name, did_you_mean(name, known));
}

/// Those to run; or why there is none to run or to write the plan of.
config::Result<std::vector<NamedPolicy>> choose(const ReplayQuestion& question,
                                                const std::string& model,
                                                const config::CacheTerms& terms) {
  auto all = replay::policies(terms);
  std::vector<std::string> names;
  for (const auto& policy : all) names.push_back(policy.name);
  const auto is_there = [&](std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  if (question.policy.empty()) {
    if (question.plan_out.empty() || is_there(kForeword)) return all;
    return config::Error{
        fmt::format("--plan-out writes what one policy sends: name it with "
                    "--policy, one of {}",
                    fmt::join(names, ", "))};
  }
  if (!is_there(question.policy)) {
    const auto close = did_you_mean(question.policy, names);
    return config::Error{fmt::format("no policy '{}' for {}{} There are {}", question.policy, model,
                                     close.empty() ? "." : close, fmt::join(names, ", "))};
  }
  std::erase_if(all, [&](const auto& policy) { return policy.name != question.policy; });
  return all;
}

/// Runs one, and writes its plan where that is asked for.
config::Result<Row> replay_one(const NamedPolicy& named, const Report& report,
                               const std::filesystem::path& plan_out) {
  auto terms = report.terms;
  if (!named.caches) terms.writes_free = false;
  std::optional<replay::PlanWriter> plan;
  if (!plan_out.empty()) plan.emplace(plan_out);
  const auto policy = named.make(report.trace, terms);
  const replay::Pricing pricing{config::ModelTable::built_in(), report.model, report.prices_of,
                                report.pings_per_day};
  auto outcome = replay::run(report.trace, terms, pricing, *policy, plan ? &*plan : nullptr);
  if (plan) {
    if (const auto error = plan->finish()) return *error;
  }
  return Row{named.name, named.what, outcome};
}

json::object as_json(const replay::Billed& billed) {
  return {{"input", billed.input},
          {"cache_read", billed.read},
          {"cache_write_short", billed.write_short},
          {"cache_write_long", billed.write_long}};
}

json::object as_json(const Report& report, const Row& row) {
  const auto& outcome = row.outcome;
  return {{"policy", row.name},
          {"bill", outcome.bill(report.terms)},
          {"share_of_possible_saving", report.share(outcome)},
          {"hit_rate", outcome.hit_rate()},
          {"tokens", as_json(outcome.billed)},
          {"prompt_usd", config::to_usd(outcome.cost + outcome.pings_cost)},
          {"prompt_usd_uncached", config::to_usd(outcome.cost_uncached)},
          {"pings", outcome.pings},
          {"ping_tokens", as_json(outcome.pings_billed)},
          {"ping_usd", config::to_usd(outcome.pings_cost)},
          {"waited_requests", outcome.waited},
          {"mean_wait_s", outcome.mean_wait_s(report.trace.size())},
          {"longest_wait_s", outcome.longest_wait_s}};
}

json::object as_json(const Report& report) {
  json::array rows;
  for (const auto& row : report.rows) rows.push_back(as_json(report, row));
  const auto& trace = report.trace;
  return {{"model", report.model.name},
          {"prices_of", fmt::format("{:%F}", fmt::gmtime(report.prices_of))},
          {"requests", trace.size()},
          {"prompt_tokens", trace.input_tokens()},
          {"blocks", trace.segment_uses()},
          {"different_blocks", trace.different_segments()},
          {"seconds", trace[trace.size() - 1].at - trace[0].at},
          {"bound", report.bound},
          {"bound_with_pings", report.bound_with_pings},
          {"policies", std::move(rows)}};
}

void print_row(const Report& report, const Row& row) {
  const auto& outcome = row.outcome;
  const auto all = static_cast<double>(outcome.billed.total()) / 100;
  const auto percent = [&](std::uint64_t tokens) { return static_cast<double>(tokens) / all; };
  const auto usd =
      static_cast<double>(outcome.cost + outcome.pings_cost) / config::kPicodollarsPerDollar;
  fmt::print("  {:<12} {:>6.3f} {:>8.1f}% {:>10.2f} {:>6.1f}% {:>6.1f}% {:>6.1f}% {:>6.1f}%",
             row.name, outcome.bill(report.terms), report.share(outcome) * 100, usd,
             outcome.hit_rate() * 100, percent(outcome.billed.write_short),
             percent(outcome.billed.write_long), percent(outcome.billed.input));
  fmt::print(" {:>8.2f} {:>8.2f} {:>6}\n", outcome.mean_wait_s(report.trace.size()),
             outcome.longest_wait_s, outcome.pings);
}

void print_text(const Report& report) {
  const auto& trace = report.trace;
  const auto& terms = report.terms;
  const auto minutes = (trace[trace.size() - 1].at - trace[0].at) / 60;
  fmt::print(
      "{} requests in {:.1f} minutes, {:.1f} million prompt tokens, {} different blocks of {}.\n"
      "{}, prices of {:%F}. Bill: of all prompts, relative to no caching.\n\n",
      trace.size(), minutes, static_cast<double>(trace.input_tokens()) / 1e6,
      trace.different_segments(), replay::kBlockTokens, report.model.name,
      fmt::gmtime(report.prices_of));
  const auto written = [&](std::int32_t ttl_s) {
    return ttl_s == 0 ? "-" : "for " + replay::ttl_name(ttl_s);
  };
  fmt::print("  {:<12} {:>6} {:>9} {:>10} {:>7} {:>7} {:>7} {:>7} {:>8} {:>8} {:>6}\n", "policy",
             "bill", "of bound", "USD", "read", written(terms.marks ? terms.ttl_short_s : 0),
             written(terms.ttl_long_s), "plain", "mean s", "most s", "pings");
  for (const auto& row : report.rows) print_row(report, row);
  fmt::print("  {:<12} {:>6.3f} {:>8.1f}%  with the future known\n", "bound", report.bound, 100.0);
  fmt::print("  {:<12} {:>6.3f}            and pings where they pay\n", "",
             report.bound_with_pings);
  fmt::print(
      "\nOf bound: the part of what the bound saves. USD: prompts only. Read, written, plain: of "
      "all prompt tokens.\nMean s, most s: how long requests were held back. Policies:\n");
  for (const auto& row : report.rows) fmt::print("  {:<12} {}\n", row.name, row.what);
}

config::Result<Trace> read_ledger(const StoreSource& store, const ReplayQuestion& question,
                                  config::TimePoint now) {
  const auto range = read_period(question.period, now);
  if (!range) return range.error();
  const auto admin = connect_admin(store);
  if (!admin) return admin.error();
  return read_ledger_trace(*admin, {*range, question.label});
}

}  // namespace

int replay_trace(const StoreSource& store, const ReplayQuestion& question) {
  if (question.ledger != question.traces.empty()) {
    return usage_error("replay takes files with traces, or --ledger");
  }
  const auto& table = config::ModelTable::built_in();
  const auto* const model = find_model(table, question.model);
  if (model == nullptr) return usage_error(unknown_model(table, question.model));
  const auto now = std::chrono::system_clock::now();
  const auto terms = config::cache_terms(*model, now);
  const auto chosen = choose(question, model->name, terms);
  if (!chosen) return usage_error(chosen.error().message);

  std::optional<config::Picodollars> pings_per_day;
  if (const auto& cap = question.keep_warm_usd_per_day; !cap.empty()) {
    pings_per_day = config::parse_usd_per_day(cap);
    if (!pings_per_day) {
      return usage_error("--keep-warm-usd-per-day takes dollars like 0.50, at most a million");
    }
  }

  auto trace =
      question.ledger ? read_ledger(store, question, now) : replay::read_traces(question.traces);
  if (!trace) return fail(trace.error().message);
  Report report{.model = *model,
                .prices_of = now,
                .terms = terms,
                .pings_per_day = pings_per_day,
                .trace = std::move(*trace),
                .rows = {}};
  const auto tokens = static_cast<double>(report.trace.input_tokens());
  report.bound = clairvoyant_bound(report.trace, terms, replay::Pings::no) / tokens;
  report.bound_with_pings = clairvoyant_bound(report.trace, terms, replay::Pings::yes) / tokens;

  const std::string planned = question.policy.empty() ? std::string(kForeword) : question.policy;
  for (const auto& policy : *chosen) {
    auto row = replay_one(policy, report,
                          policy.name == planned ? question.plan_out : std::filesystem::path());
    if (!row) return fail(row.error().message);
    report.rows.push_back(std::move(*row));
  }
  if (question.as_json) {
    fmt::print("{}\n", json::serialize(as_json(report)));
  } else {
    print_text(report);
  }
  return kDone;
}

}  // namespace foreword::tools
