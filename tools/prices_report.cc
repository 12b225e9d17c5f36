#include "tools/prices_report.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace foreword::tools {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::value& object, std::string_view key) {
  const auto& value = object.at(key);
  return value.is_string() ? std::string_view(value.get_string()) : std::string_view();
}

std::uint64_t number_of(const json::value& object, std::string_view key) {
  return object.at(key).to_number<std::uint64_t>();
}

/// "cache_read 0.5 -> 0.25 (-50 %)".
std::string change_text(const json::value& change) {
  const auto from = text_of(change, "from");
  const auto to = text_of(change, "to");
  const auto what = text_of(change, "what");
  if (from.empty()) return fmt::format("{} {}", what, to);
  const auto percent = text_of(change, "percent");
  return fmt::format("{} {} -> {}{}", what, from, to,
                     percent.empty() ? std::string() : fmt::format(" ({})", percent));
}

void print_models(const FilePrices& file, const json::value& answer, std::string_view verdict,
                  std::string& out) {
  for (const auto& model : answer.at("models").as_array()) {
    if (text_of(model, "verdict") != verdict) continue;
    std::vector<std::string> changes;
    for (const auto& change : model.at("changes").as_array()) {
      changes.push_back(change_text(change));
    }
    const auto name = text_of(model, "name");
    fmt::format_to(std::back_inserter(out), "  {:<8} {:<10} {}: {}\n", verdict,
                   text_of(model, "provider"), name, fmt::join(changes, ", "));
    for (const auto& remark : model.at("remarks").as_array()) {
      fmt::format_to(std::back_inserter(out), "             {}\n",
                     std::string_view(remark.as_string()));
    }
    const auto of_file = file.remarks.find(std::string(name));
    if (of_file == file.remarks.end()) continue;
    for (const auto& remark : of_file->second) {
      fmt::format_to(std::back_inserter(out), "             {}\n", remark);
    }
  }
}

struct Group {
  std::size_t count = 0;
  std::map<std::string, std::size_t> details;
  std::vector<std::string> names;
};

/// The commonest details and some names: 2,500 refusals in a dozen lines.
std::string group_text(const Group& group) {
  constexpr std::size_t kMost = 6;
  std::vector<std::pair<std::size_t, std::string>> details;
  for (const auto& [detail, count] : group.details) details.emplace_back(count, detail);
  std::ranges::sort(details, std::greater<>());
  std::vector<std::string> shown;
  if (group.count <= kMost) {
    shown = group.names;
  } else {
    for (const auto& [count, detail] : details) {
      if (!detail.empty()) shown.push_back(fmt::format("{} {}", count, detail));
    }
    if (shown.empty()) shown = group.names;
  }
  const bool more = shown.size() > kMost;
  if (more) shown.resize(kMost);
  return fmt::format("{}{}", fmt::join(shown, ", "), more ? ", ..." : "");
}

void print_refused(const FilePrices& file, const json::value& answer, std::string& out) {
  std::map<std::string, Group> groups;
  const auto add = [&](const std::string& group, std::string detail, std::string name) {
    auto& at = groups[group];
    ++at.count;
    ++at.details[detail];
    at.names.push_back(detail.empty() ? std::move(name) : fmt::format("{} ({})", name, detail));
  };
  for (const auto& refused : file.refused) add(refused.group, refused.detail, refused.name);
  for (const auto& model : answer.at("models").as_array()) {
    if (text_of(model, "verdict") != "refused") continue;
    fmt::format_to(std::back_inserter(out), "  refused  {:<10} {}: {}\n",
                   text_of(model, "provider"), text_of(model, "name"), text_of(model, "reason"));
  }
  for (const auto& [name, group] : groups) {
    fmt::format_to(std::back_inserter(out), "  refused  {:>5} {}: {}\n", group.count, name,
                   group_text(group));
  }
}

std::string rates_text(const json::value& period, std::string_view rates_of) {
  std::vector<std::string> parts;
  const auto& rates = rates_of.empty() ? period.at("rates") : period.at(rates_of).at("rates");
  const auto input = text_of(rates, "input");
  for (const auto& [key, value] : rates.as_object()) {
    const std::string_view name(key.data(), key.size());
    const std::string_view price(value.as_string());
    if (name != "input" && price == input) continue;
    parts.push_back(fmt::format("{} {}", name, price));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string modifiers_text(const json::value& period) {
  std::vector<std::string> parts;
  for (const auto& modifier : period.at("modifiers").as_array()) {
    parts.push_back(fmt::format("{}={} x {}{}", text_of(modifier, "term"),
                                text_of(modifier, "value"), text_of(modifier, "factor"),
                                text_of(modifier, "of") == "provider" ? " (its provider's)" : ""));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

void print_period(const json::value& period, std::string& out) {
  auto end = std::back_inserter(out);
  const auto from = text_of(period, "from");
  fmt::format_to(end, "\n{}{}\n", from.empty() ? "from the first request on" : "from ", from);
  if (period.at("in_force").as_bool()) out.insert(out.size() - 1, ", in force");
  fmt::format_to(end, "  {}\n", rates_text(period, ""));
  std::vector<std::string_view> inherited;
  for (const auto& name : period.at("at_input_price").as_array()) {
    inherited.emplace_back(name.as_string());
  }
  if (!inherited.empty()) {
    fmt::format_to(end, "  at the input price: {}\n", fmt::join(inherited, ", "));
  }
  if (!period.at("long_context").is_null()) {
    fmt::format_to(end, "  above {} prompt tokens every token: {}\n",
                   number_of(period.at("long_context"), "above_prompt_tokens"),
                   rates_text(period, "long_context"));
  }
  if (!period.at("storage_per_hour").is_null()) {
    fmt::format_to(end, "  storage of explicit caches {} per hour\n",
                   text_of(period, "storage_per_hour"));
  }
  const auto modifiers = modifiers_text(period);
  if (!modifiers.empty()) fmt::format_to(end, "  {}\n", modifiers);
  fmt::format_to(end, "  source: {}\n", text_of(period, "source"));
}

}  // namespace

std::string import_report(const FilePrices& file, const json::value& answer) {
  std::string out;
  for (const auto* verdict : {"added", "changed"}) print_models(file, answer, verdict, out);
  print_refused(file, answer, out);
  fmt::format_to(std::back_inserter(out),
                 "{} entries: {} added, {} changed, {} the same, {} again under other names, "
                 "{} refused. USD per million tokens.\n",
                 file.entries, number_of(answer, "added"), number_of(answer, "changed"),
                 number_of(answer, "same"), file.aliases.size(),
                 file.refused.size() + number_of(answer, "refused"));
  return out;
}

json::object import_json(const FilePrices& file, const json::value& answer) {
  json::object out = answer.as_object();
  for (auto& model : out.at("models").as_array()) {
    const auto remarks = file.remarks.find(std::string(text_of(model, "name")));
    if (remarks == file.remarks.end()) continue;
    for (const auto& remark : remarks->second) {
      model.at("remarks").as_array().push_back(json::value(remark));
    }
  }
  json::array refused;
  for (const auto& entry : file.refused) {
    refused.push_back({{"name", entry.name}, {"reason", entry.group}, {"detail", entry.detail}});
  }
  json::array aliases;
  for (const auto& name : file.aliases) aliases.push_back(json::value(name));
  out["entries"] = file.entries;
  out["other_names"] = std::move(aliases);
  out["refused_entries"] = std::move(refused);
  return out;
}

std::string price_report(const json::value& price) {
  std::string out;
  auto end = std::back_inserter(out);
  const auto name = text_of(price, "name");
  const auto asked_for = text_of(price, "asked_for");
  fmt::format_to(end, "{} ({}), USD per million tokens, table {}\n", name,
                 text_of(price, "provider"), text_of(price, "table"));
  if (asked_for != name) fmt::format_to(end, "'{}' is priced as {}\n", asked_for, name);
  fmt::format_to(end, "window {}", number_of(price, "context_window_tokens"));
  const auto count = [&](std::string_view key, std::string_view words) {
    if (!price.at(key).is_null()) fmt::format_to(end, ", {} {}", words, number_of(price, key));
  };
  count("max_output_tokens", "largest answer");
  count("min_cacheable_tokens", "cacheable from");
  fmt::format_to(end, " tokens{}{}\n", price.at("retires").is_null() ? "" : "; switched off on ",
                 text_of(price, "retires"));
  for (const auto& period : price.at("periods").as_array()) print_period(period, out);
  const auto notes = text_of(price, "notes");
  fmt::format_to(end, "\nlooked at {}{}{}\n", text_of(price, "as_of"), notes.empty() ? "" : ". ",
                 notes);
  return out;
}

std::string check_report(const json::value& check) {
  std::string out;
  auto end = std::back_inserter(out);
  for (const auto& finding : check.at("findings").as_array()) {
    fmt::format_to(end, "{:<8} {:<10} {}: {}\n", text_of(finding, "level"),
                   text_of(finding, "provider"), text_of(finding, "model"),
                   text_of(finding, "what"));
  }
  fmt::format_to(end, "{} models of table {}: {} errors, {} warnings, {} notes\n",
                 number_of(check, "models"), text_of(check, "table"), number_of(check, "errors"),
                 number_of(check, "warnings"), number_of(check, "notes"));
  return out;
}

}  // namespace foreword::tools
