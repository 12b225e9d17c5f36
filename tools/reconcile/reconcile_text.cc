#include "tools/reconcile/reconcile_text.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/number_text.h"
#include "config/price_text.h"
#include "tools/documents/skipped.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

std::string shown(Amount amount, bool is_money) {
  if (is_money) return config::to_usd(amount);
  const auto size = config::with_commas(static_cast<std::uint64_t>(amount < 0 ? -amount : amount));
  return amount < 0 ? "-" + size : size;
}

std::string signed_text(Amount amount, bool is_money) {
  return amount > 0 ? "+" + shown(amount, is_money) : shown(amount, is_money);
}

std::string_view model_text(const DayAndModel& key) {
  return key.model.empty() ? std::string_view("all models") : std::string_view(key.model);
}

std::string table(const Reconciled& result) {
  constexpr std::string_view kRow = "{:<10}  {:<26}  {:<14}  {:>18}  {:>18}  {:>18}{}\n";
  const bool is_money = result.report.is_money();
  std::string out = fmt::format(fmt::runtime(kRow), "day (UTC)", "model", is_money ? "" : "tokens",
                                "ledger", "provider", "difference", "");
  for (const auto& [key, lines] : result.lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto& line = lines[i];
      if (line.ledger == 0 && line.provider == 0) continue;
      out += fmt::format(fmt::runtime(kRow), key.day, printable(model_text(key)),
                         result.report.lines[i].name, shown(line.ledger, is_money),
                         shown(line.provider, is_money), signed_text(line.difference(), is_money),
                         line.differs ? "  !" : "");
    }
  }
  return out;
}

std::string suspect_line(const Suspect& suspect, const ProviderReport& report) {
  std::string out = fmt::format("    {}  {}", suspect.id, suspect.time);
  for (std::size_t i = 0; i < suspect.amounts.size(); ++i) {
    if (suspect.amounts[i] == 0) continue;
    out +=
        fmt::format("  {} {}", report.lines[i].name, shown(suspect.amounts[i], report.is_money()));
  }
  if (!suspect.label.empty()) out += "  label " + printable(suspect.label);
  return out + "\n";
}

/// Where the provider has more, no row of the ledger can be to blame.
std::string_view missing_text() {
  return "  The provider has more: requests that did not go through this proxy, or with mode off, "
         "or in batches,\n  leave no row. --owner KEY compares only what one key of the report "
         "did.\n";
}

std::string upstreams_text(const Suspects& suspects) {
  if (suspects.upstreams.size() < 2) return "";
  std::string out = "  The ledger's requests went to more than one upstream:";
  for (const auto& [name, count] : suspects.upstreams) {
    out += fmt::format(" {} ({})", name, config::with_commas(count));
  }
  return out + ". --upstream NAME compares one.\n";
}

std::string explained(const DayAndModel& key, const std::vector<ComparedLine>& lines,
                      const Reconciled& result) {
  std::string out = fmt::format("\n{} {} differs. ", key.day, printable(model_text(key)));
  const auto found = result.suspects.find(key);
  static const Suspects kNone;
  const Suspects& suspects = found == result.suspects.end() ? kNone : found->second;
  out += fmt::format("The ledger has {} requests of it.\n", config::with_commas(suspects.requests));
  const auto provider_more = [](const ComparedLine& line) {
    return line.differs && line.difference() < 0;
  };
  if (std::ranges::any_of(lines, provider_more)) out += missing_text();
  out += upstreams_text(suspects);
  bool any = false;
  for (std::size_t i = 0; i < kCauses; ++i) {
    const auto& of_cause = suspects.by_cause[i];
    if (of_cause.count == 0) continue;
    any = true;
    out += fmt::format("  {} {}:\n", config::with_commas(of_cause.count),
                       explanation_of(static_cast<Cause>(i), of_cause.count > 1));
    for (const auto& suspect : of_cause.first) out += suspect_line(suspect, result.report);
    if (of_cause.count > of_cause.first.size()) {
      out += fmt::format("    and {} more\n",
                         config::with_commas(of_cause.count - of_cause.first.size()));
    }
  }
  if (!any && suspects.requests > 0) {
    out += fmt::format(
        "  Nothing is odd about them: all were reported in full by the provider's answers.\n"
        "  All of them: foreword ledger export --from {}\n",
        key.day);
  }
  return out;
}

/// Anthropic's usage is there within five minutes, as a rule, by its documentation.
constexpr std::chrono::hours kCountedBy{1};

std::string notes(const Reconciled& result) {
  const auto& report = result.report;
  std::string out;
  if (report.covered.back().to + kCountedBy > result.now) {
    out +=
        "\nThe report goes on to a time that is not over, or hardly: providers count some minutes "
        "later.\n";
  }
  for (const auto& [name, amount] : report.other_costs) {
    out += fmt::format("not compared, since no request's tokens: {} {} USD\n", printable(name),
                       config::to_usd(amount));
  }
  if (report.by_owner.size() > 1) {
    out += "\nThe report by key, workspace or project (--owner compares one):\n";
    for (const auto& [owner, amount] : report.by_owner) {
      out += fmt::format("  {:<40} {:>18}\n", printable(owner), shown(amount, report.is_money()));
    }
  }
  if (report.has_more) out += "The report has further pages that are not in the file.\n";
  return out;
}

}  // namespace

bool differs(const std::vector<ComparedLine>& lines) {
  return std::ranges::any_of(lines, &ComparedLine::differs);
}

bool differs(const Reconciled& result) {
  return std::ranges::any_of(result.lines, [](const auto& entry) { return differs(entry.second); });
}

std::string reconcile_text(const Reconciled& result) {
  const auto& report = result.report;
  auto out = fmt::format("{}, {} to {}, beside {} requests of the ledger.\n\n", report.kind,
                         config::date_text(report.covered.front().from),
                         config::date_text(report.covered.back().to - std::chrono::seconds(1)),
                         config::with_commas(result.rows));
  out += table(result);
  for (const auto& [key, lines] : result.lines) {
    if (differs(lines)) out += explained(key, lines, result);
  }
  out += notes(result);
  if (!differs(result)) out += "\nThe ledger and the provider agree.\n";
  return out;
}

namespace {

json::value amount_json(Amount amount, bool is_money) {
  if (is_money) return json::value(config::to_usd(amount));
  return json::value(static_cast<std::int64_t>(amount));
}

json::array causes_json(const Suspects& suspects, const ProviderReport& report) {
  json::array causes;
  for (std::size_t i = 0; i < kCauses; ++i) {
    const auto& of_cause = suspects.by_cause[i];
    if (of_cause.count == 0) continue;
    json::array requests;
    for (const auto& suspect : of_cause.first) {
      json::object amounts;
      for (std::size_t line = 0; line < suspect.amounts.size(); ++line) {
        amounts[report.lines[line].name] = amount_json(suspect.amounts[line], report.is_money());
      }
      requests.push_back({{"id", suspect.id},
                          {"time", suspect.time},
                          {"label", suspect.label},
                          {"upstream", suspect.upstream},
                          {"amounts", std::move(amounts)}});
    }
    causes.push_back({{"cause", name_of(static_cast<Cause>(i))},
                      {"requests", of_cause.count},
                      {"first", std::move(requests)}});
  }
  return causes;
}

}  // namespace

json::object reconcile_json(const Reconciled& result) {
  const auto& report = result.report;
  json::array days;
  for (const auto& [key, lines] : result.lines) {
    json::array compared;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      compared.push_back({{"line", report.lines[i].name},
                          {"ledger", amount_json(lines[i].ledger, report.is_money())},
                          {"provider", amount_json(lines[i].provider, report.is_money())},
                          {"difference", amount_json(lines[i].difference(), report.is_money())},
                          {"differs", lines[i].differs}});
    }
    const auto suspects = result.suspects.find(key);
    days.push_back(
        {{"day", key.day},
         {"model", key.model.empty() ? json::value(nullptr) : json::value(key.model)},
         {"differs", differs(lines)},
         {"lines", std::move(compared)},
         {"causes", suspects == result.suspects.end() ? json::array()
                                                      : causes_json(suspects->second, report)}});
  }
  json::object others;
  for (const auto& [name, amount] : report.other_costs) others[name] = config::to_usd(amount);
  return {{"report", report.kind},   {"requests", result.rows}, {"differs", differs(result)},
          {"days", std::move(days)}, {"other_costs", others},   {"has_more", report.has_more}};
}

}  // namespace foreword::tools
