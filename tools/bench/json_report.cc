#include <boost/json.hpp>

#include "tools/bench/budgets.h"
#include "tools/bench/report.h"
#include "tools/bench/statistics.h"

namespace foreword::bench {
namespace {

namespace json = boost::json;

json::object series(const Series& s) {
  return {{"measure", s.measure}, {"candidate", s.candidate}, {"point", s.point}};
}

json::array figures(const Results& results) {
  json::array out;
  for (const auto& [key, samples] : results.all()) {
    auto figure = series({key.measure, key.candidate, key.point});
    figure["median"] = median(samples);
    figure["min"] = least(samples);
    figure["samples"] = json::array(samples.begin(), samples.end());
    out.push_back(std::move(figure));
  }
  return out;
}

json::array judgements(const Results& results) {
  json::array out;
  for (const auto& budget : budgets()) {
    const auto [verdict, value] = judge(budget, results);
    json::object entry{{"figure", budget.figure},
                       {"point", budget.ours.point},
                       {"unit", budget.unit},
                       {"bound", budget.bound == Bound::at_most ? "at_most" : "at_least"},
                       {"budget", budget.budget},
                       {"stretch", budget.stretch},
                       {"verdict", name_of(verdict)},
                       {"ours", series(budget.ours)}};
    if (budget.theirs) entry["theirs"] = series(*budget.theirs);
    if (verdict != Verdict::not_measured) entry["value"] = value;
    out.push_back(std::move(entry));
  }
  for (const auto& open : open_budgets()) {
    out.push_back({{"figure", open.figure}, {"budget", open.budget}, {"verdict", open.why}});
  }
  return out;
}

}  // namespace

std::string json_report(const RunFacts& facts, const Results& results) {
  json::object run;
  for (const auto& [name, value] : facts.lines) run[name] = value;
  json::array skipped;
  for (const auto& line : results.skipped) skipped.emplace_back(line);
  return json::serialize(json::object{{"run", std::move(run)},
                                      {"figures", figures(results)},
                                      {"budgets", judgements(results)},
                                      {"left_out", std::move(skipped)}});
}

}  // namespace foreword::bench
