#include "tools/explain_text.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/number_text.h"
#include "tools/documents/skipped.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

/// Empty for null. Printable: names and labels are what clients say they are.
std::string text(const json::value& object, std::string_view key) {
  const auto& value = object.at(key);
  return value.is_string() ? printable(json::value_to<std::string>(value)) : std::string();
}

std::uint64_t number(const json::value& object, std::string_view key) {
  return object.at(key).to_number<std::uint64_t>();
}

std::uint64_t written(const json::value& row) {
  std::uint64_t sum = 0;
  for (const auto* name :
       {"cache_write_5m", "cache_write_1h", "cache_write_30m", "cache_write_12h"}) {
    sum += number(row.at("tokens"), name);
  }
  return sum;
}

/// The words of `table` for `name`, or the name itself.
template <std::size_t N>
std::string words(const std::array<std::pair<std::string_view, std::string_view>, N>& table,
                  const std::string& name) {
  for (const auto& [key, meaning] : table) {
    if (key == name) return std::string(meaning);
  }
  return name;
}

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array kPlacements = {
    Words{"none", "nothing was put in front"},
    Words{"inserted", "it went in front, with cache breakpoints"},
    Words{"inserted_unmarked", "it went in front, without breakpoints of its own"},
    Words{"skipped_thread", "it was left out: the prompt goes on in a thread at the provider"},
    Words{"skipped_continuation", "it was left out: the prompt continues an earlier answer"},
    Words{"skipped_cached_content", "it was left out: the prompt names a cache of its own"},
    Words{"skipped_shape", "it was left out: the prompt has a shape that has no place for it"},
    Words{"refused", "it was left out: the upstream refused it"},
};

constexpr std::array kOutcomes = {
    Words{"complete", "the answer reached its end"},
    Words{"client_gone", "the client left first"},
    Words{"upstream_cut", "the provider broke off in the middle of its answer"},
    Words{"failed", "there was no answer"},
    Words{"provider_error", "the provider ended its stream with an error"},
    Words{"provisional", "it still runs, or Foreword was killed"},
};

constexpr std::array kSources = {
    Words{"reported", "as the provider reported them"},
    Words{"partial", "the provider's last numbers before the answer was cut"},
    Words{"estimated", "estimated from bytes, since the provider reported none"},
    Words{"none", "none: the provider answered with an error"},
};

std::string line(std::string_view name, const std::string& what) {
  return fmt::format("{:<16}{}\n", name, what);
}

std::string what_came(const json::value& row) {
  auto out = fmt::format("{} for {} by upstream {}, mode {}, {} bytes", text(row, "operation"),
                         row.at("model").is_null() ? "no model" : text(row, "model"),
                         text(row, "upstream"), text(row, "mode"),
                         config::with_commas(number(row, "request_bytes")));
  if (!row.at("alias").is_null()) out += ", asked for as " + text(row, "alias");
  if (row.at("stream").as_bool()) out += ", as a stream";
  if (!row.at("label").is_null()) out += ", label " + text(row, "label");
  return line("came", out);
}

std::string what_became(const json::value& row) {
  auto out = fmt::format("{} with status {} after {:.1f} ms; first byte after {:.1f} ms",
                         words(kOutcomes, text(row, "outcome")), number(row, "status"),
                         row.at("duration_ms").to_number<double>(),
                         row.at("first_byte_ms").to_number<double>());
  if (!row.at("error").is_null()) out += "; Foreword's own error: " + text(row, "error");
  return line("ended", out);
}

std::string plan(const json::value& row) {
  std::string out;
  if (row.at("kb").is_null()) {
    out += line("knowledge base", "none");
  } else {
    out += line("knowledge base", fmt::format("{}, version {}", text(row, "kb"),
                                              text(row, "kb_version").substr(0, 12)));
  }
  auto what = words(kPlacements, text(row, "placement"));
  if (number(row, "inserted_bytes") > 0) {
    what += fmt::format("; {} bytes of Foreword's went in",
                        config::with_commas(number(row, "inserted_bytes")));
  }
  out += line("planned", what);
  if (!row.at("refused").is_null()) {
    out += line("sent again", "without what the upstream refused: " + text(row, "refused"));
  }
  return out;
}

std::string predicted(const json::value& row) {
  if (row.at("kb").is_null()) return "";
  return line("predicted", fmt::format("{} tokens of knowledge base; the provider read {} and "
                                       "wrote {} tokens of prompt in its cache",
                                       config::with_commas(number(row, "kb_tokens_estimate")),
                                       config::with_commas(number(row.at("tokens"), "cache_read")),
                                       config::with_commas(written(row))));
}

std::string seconds(double count) {
  if (count < 120) return fmt::format("{:.1f} s", count);
  return count < 7200 ? fmt::format("{:.0f} min", count / 60)
                      : fmt::format("{:.1f} h", count / 3600);
}

std::string cache_line(const json::value& cache) {
  const auto cause = text(cache, "cause");
  if (cause == "none") return "";
  const auto ago = seconds(cache.at("since_before_s").to_number<double>());
  const auto before = text(cache, "before");
  const auto life = cache.at("time_to_live_s").is_null()
                        ? std::string("a time that is not known")
                        : seconds(cache.at("time_to_live_s").to_number<double>());
  const auto after = fmt::format("{} after {}", ago, before);
  std::string out;
  if (cause == "warm") {
    out = "warm: all of it was read, " + (before.empty() ? "as an earlier request left it" : after);
  } else if (cause == "extended") {
    out = "warm: it was read, and what came behind it was written";
  } else if (cause == "not_cached") {
    out =
        "nothing was read or written: too short for this model's cache, or no cache was asked for";
  } else if (cause == "first_use") {
    out = "a miss: no request of the day before used it with this model";
  } else if (cause == "new_version") {
    out = "a miss: it was published anew since " + before + ", " + ago + " earlier";
  } else if (cause == "expired") {
    out = fmt::format("a miss: {}, and what was written lives {}", after, life);
  } else if (cause == "too_soon") {
    out = fmt::format("a miss: {}, whose answer had not begun, so that its write was not visible",
                      after);
  } else {
    out = fmt::format(
        "a miss that the ledger does not explain, {}: other tools in front, another "
        "key or workspace, or the provider dropped it",
        after);
  }
  return line("cache", out);
}

std::string bill(const json::value& row, const json::value& bill) {
  if (bill.is_null()) {
    return line("bill", "none: no price for this model was known (foreword prices reprice)");
  }
  auto out =
      line("bill", fmt::format("by the prices of {}, USD per million tokens{}", text(bill, "table"),
                               bill.at("long_context").as_bool() ? ", those of long prompts" : ""));
  for (const auto& part : bill.at("lines").as_array()) {
    out += fmt::format("  {:<16}{:>14} x {:<8} {:>20}\n", text(part, "class"),
                       config::with_commas(number(part, "tokens")), text(part, "usd_per_million"),
                       text(part, "usd"));
  }
  for (const auto& factor : bill.at("factors").as_array()) {
    out += fmt::format("  {:<16}x {}\n", text(factor, "term") + " " + text(factor, "value"),
                       text(factor, "factor"));
  }
  out += fmt::format("  {:<16}{:>46}\n", "total", text(bill, "usd"));
  if (!bill.at("agrees").as_bool()) {
    out += fmt::format("  The row keeps what it was priced at by the table of {}: {}\n",
                       text(row, "price_version"), text(row, "cost_usd"));
  }
  return out;
}

std::string scenarios(const json::value& row, const json::value& costs) {
  constexpr std::array kNames = {
      Words{"paid", "paid"},
      Words{"uncached", "without any caching"},
      Words{"all_read", "had all that was written been warm"},
      Words{"all_written", "had nothing been warm"},
      Words{"without_kb", "without the knowledge base (estimate)"},
  };
  if (costs.as_object().empty()) return "";
  std::string out = "would have cost\n";
  for (const auto& [key, name] : kNames) {
    if (!costs.as_object().contains(key)) continue;
    out += fmt::format("  {:<40}{:>22}\n", name, text(costs, key));
  }
  out += fmt::format("  {:<40}{:>22}\n", "saved by caching", text(row, "saved_usd"));
  return out;
}

}  // namespace

std::string explain_text(const json::value& explanation) {
  const auto& row = explanation.at("request");
  std::string out = line("request", text(row, "id") + " of " + text(row, "time"));
  out += what_came(row) + plan(row) + what_became(row);
  out += line("tokens", words(kSources, text(row, "usage_source")));
  out += predicted(row) + cache_line(explanation.at("cache"));
  if (text(row, "usage_source") == "none") return out;
  return out + bill(row, explanation.at("bill")) + scenarios(row, explanation.at("scenarios"));
}

}  // namespace foreword::tools
