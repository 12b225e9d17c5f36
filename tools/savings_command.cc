#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "proxy/time_text.h"
#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/csv_text.h"
#include "tools/period.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& object, std::string_view key) {
  return json::value_to<std::string>(object.at(key));
}

std::uint64_t tokens_of(const json::value& sums, std::initializer_list<std::string_view> classes) {
  std::uint64_t total = 0;
  for (const auto name : classes) total += sums.at("tokens").at(name).to_number<std::uint64_t>();
  return total;
}

void print_row(std::string_view name, const json::value& sums) {
  const auto written =
      tokens_of(sums, {"cache_write_5m", "cache_write_1h", "cache_write_30m", "cache_write_12h"});
  fmt::print("{:<28} {:>8} {:>12} {:>12} {:>12} {:>10} {:>16} {:>16} {:>16}\n", name,
             sums.at("requests").to_number<std::uint64_t>(), tokens_of(sums, {"input"}),
             tokens_of(sums, {"cache_read"}), written, tokens_of(sums, {"output"}),
             text_of(sums, "actual_usd"), text_of(sums, "uncached_usd"),
             text_of(sums, "saved_usd"));
}

void print_table(const json::value& savings) {
  fmt::print("{:<28} {:>8} {:>12} {:>12} {:>12} {:>10} {:>16} {:>16} {:>16}\n", "", "requests",
             "input", "cache read", "cache write", "output", "paid USD", "uncached USD",
             "saved USD");
  for (const auto& [name, sums] : savings.at("groups").as_object()) {
    print_row(std::string_view(name.data(), name.size()), sums);
  }
  print_row("total", savings.at("total"));
}

/// Which models those are, the commonest first.
void print_unpriced(const json::value& models) {
  constexpr std::size_t kMost = 10;
  std::vector<std::pair<std::uint64_t, std::string>> counts;
  for (const auto& [name, requests] : models.as_object()) {
    counts.emplace_back(requests.to_number<std::uint64_t>(), name);
  }
  std::ranges::sort(counts, std::greater<>());
  const auto more = counts.size() > kMost ? counts.size() - kMost : 0;
  counts.resize(counts.size() - more);
  for (const auto& [requests, name] : counts) fmt::print("  {} {}\n", requests, name);
  if (more > 0) fmt::print("  and {} other models\n", more);
}

void print_notes(const json::value& savings) {
  const auto& total = savings.at("total");
  const auto note = [&](std::string_view key, std::string_view text) {
    const auto count = total.at(key).to_number<std::uint64_t>();
    if (count > 0) fmt::print("{} of these {}\n", count, text);
  };
  note("estimated", "have estimated usage: their answers were cut before the provider reported it");
  note("unpriced", "have no price: no answer, or a model that is in no price table");
  print_unpriced(savings.at("unpriced_models"));
  note("failed", "got no answer");
}

constexpr std::array<std::string_view, 7> kTokenColumns = {
    "input",           "cache_read",      "cache_write_5m", "cache_write_1h",
    "cache_write_30m", "cache_write_12h", "output"};

std::string csv_header(const std::string& by) {
  std::vector<std::string> names = {by.empty() ? "total" : by, "requests", "estimated", "unpriced",
                                    "failed"};
  for (const auto name : kTokenColumns) names.push_back(std::string(name) + "_tokens");
  for (const auto* name : {"kb_tokens_estimate", "paid_usd", "uncached_usd", "saved_usd"}) {
    names.emplace_back(name);
  }
  return csv_line(names);
}

std::string csv_row(std::string_view name, const json::value& sums) {
  std::vector<std::string> fields = {csv_foreign_text(name)};
  const auto add = [&](const json::value& count) {
    fields.push_back(std::to_string(count.to_number<std::uint64_t>()));
  };
  for (const auto* key : {"requests", "estimated", "unpriced", "failed"}) add(sums.at(key));
  for (const auto key : kTokenColumns) add(sums.at("tokens").at(key));
  add(sums.at("kb_tokens_estimate"));
  for (const auto* key : {"actual_usd", "uncached_usd", "saved_usd"}) {
    fields.push_back(text_of(sums, key));
  }
  return csv_line(fields);
}

/// The columns keep their names and places; README.md promises it.
void print_csv(const json::value& savings, const std::string& by) {
  fmt::print("{}", csv_header(by));
  if (by.empty()) fmt::print("{}", csv_row("total", savings.at("total")));
  for (const auto& [name, sums] : savings.at("groups").as_object()) {
    fmt::print("{}", csv_row(std::string_view(name.data(), name.size()), sums));
  }
}

}  // namespace

int show_savings(const StoreSource& store, const SavingsQuestion& question) {
  std::string target = "/api/savings?by=" + question.by;
  if (question.by.empty()) target = "/api/savings?";
  if (!question.since.empty()) {
    const auto period = parse_period(question.since);
    if (!period) {
      fail(std::string(kPeriodForm));
      return kUsage;
    }
    target += "&from=" + proxy::to_rfc3339(std::chrono::system_clock::now() - *period);
  }
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("GET", target, "");
  if (!answer) return fail(answer.error().message);
  if (question.as_json) {
    fmt::print("{}\n", json::serialize(*answer));
    return kDone;
  }
  if (question.as_csv) {
    print_csv(*answer, question.by);
    return kDone;
  }
  print_table(*answer);
  print_notes(*answer);
  fmt::print("\nWhether a fine-tuned model would be cheaper: foreword advise\n");
  return kDone;
}

}  // namespace foreword::tools
