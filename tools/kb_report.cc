#include "tools/kb_report.h"

#include <algorithm>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/number_text.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::value& object, std::string_view key) {
  const auto& text = object.at(key).as_string();
  return {text.data(), text.size()};
}

std::uint64_t number_of(const json::value& object, std::string_view key) {
  return object.at(key).to_number<std::uint64_t>();
}

double share_of(const json::value& object, std::string_view key) {
  return object.at(key).to_number<double>();
}

/// Exact decimal USD, shown as an estimate deserves.
std::string dollars(const json::value& object, std::string_view key) {
  return fmt::format("${:.4f}", std::stod(std::string(text_of(object, key))));
}

std::string layers_of(const json::value& tokens) {
  std::string text;
  for (const auto& layer : tokens.as_array()) {
    text += (text.empty() ? "" : " + ") + config::with_commas(layer.to_number<std::uint64_t>());
  }
  return text;
}

/// "before -> now" where an update changed them.
std::string layers_with_those_before(const json::value& model) {
  const auto now = layers_of(model.at("layer_tokens"));
  const auto before = layers_of(model.at("layer_tokens_before"));
  return before.empty() || before == now ? now : before + " -> " + now;
}

std::string source_of(const json::value& model) {
  const auto source = text_of(model, "estimated_from");
  const auto requests = config::with_commas(number_of(model, "estimated_from_requests"));
  if (source == "counted") return "counted";
  if (source == "own_requests") return requests + " requests";
  if (source == "other_requests") return requests + " others";
  return "the table";
}

/// What a row's numbers do not say.
std::string remarks_of(const json::value& model) {
  std::string remarks;
  if (text_of(model, "fits") == "maybe") remarks += "  may not fit";
  if (text_of(model, "fits") == "no") remarks += "  does not fit";
  if (model.at("long_context").as_bool()) remarks += "  at long-context prices";
  if (!model.at("cacheable").as_bool()) remarks += "  too short to be cached";
  return remarks;
}

bool is_counted(const json::value& model) {
  return text_of(model, "estimated_from") == "counted";
}

/// An estimate says how far it may be off.
std::string error_of(const json::value& model) {
  if (is_counted(model)) return "-";
  return fmt::format("{:.1f}%", share_of(model, "tokens_error") * 100);
}

/// Of the models whose provider was asked for a count and gave none.
std::string not_counted(const json::value& kb) {
  std::string text;
  for (const auto& model : kb.at("models").as_array()) {
    const auto& reason = model.at("not_counted");
    if (reason.is_null()) continue;
    text += fmt::format("{}: estimated, since it could not be counted: {}\n",
                        text_of(model, "model"), std::string_view(reason.as_string()));
  }
  return text;
}

std::string unknown_models(const json::value& kb) {
  std::string text;
  for (const auto& name : kb.at("unknown_models").as_array()) {
    text += fmt::format("{}: not in the model table, so its window and prices are not known\n",
                        std::string_view(name.as_string()));
  }
  return text;
}

std::uint64_t count_of(const json::value& kb, std::string_view kind) {
  return number_of(kb.at("changes").at(kind), "count");
}

/// Of each kind; --json has more.
constexpr std::size_t kShownNames = 20;

void append_names(std::string& text, const json::value& kb, std::string_view kind) {
  const auto& names = kb.at("changes").at(kind);
  const auto& paths = names.at("paths").as_array();
  const auto shown = std::min(paths.size(), kShownNames);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& path = paths[i];
    const auto name = path.is_object()
                          ? fmt::format("{} -> {}", text_of(path, "from"), text_of(path, "to"))
                          : std::string(path.as_string());
    text += fmt::format("  {:<8} {}\n", kind, name);
  }
  const auto left_out = number_of(names, "count") - shown;
  if (left_out > 0)
    text += fmt::format("  {:<8} and {} more\n", kind, config::with_commas(left_out));
}

constexpr std::string_view kKinds[] = {"added", "changed", "renamed", "removed"};

}  // namespace

std::string describe_change_counts(const json::value& kb) {
  if (!kb.at("changed").as_bool()) return "unchanged: the same documents are already loaded\n";
  std::string text;
  for (const auto kind : kKinds) {
    const auto count = count_of(kb, kind);
    if (count == 0) continue;
    const auto* what = !text.empty() ? "" : count == 1 ? " document" : " documents";
    text +=
        fmt::format("{}{}{} {}", text.empty() ? "" : ", ", config::with_commas(count), what, kind);
  }
  return text.empty() ? "the same documents, laid out anew\n" : text + "\n";
}

std::string describe_changes(const json::value& kb) {
  std::string text;
  if (kb.at("layers_before").as_array().empty()) return text;
  for (const auto kind : kKinds) append_names(text, kb, kind);
  return text;
}

std::string describe_layers(const json::value& kb) {
  const auto* kept = kb.as_object().if_contains("kept_layers");
  std::string text;
  std::size_t number = 0;
  for (const auto& layer : kb.at("layers").as_array()) {
    std::string_view fate;
    if (kept != nullptr) {
      fate = number < kept->to_number<std::size_t>() ? "  stays warm" : "  is written";
    }
    text += fmt::format("  layer {} {:>15} bytes{}\n", ++number,
                        config::with_commas(number_of(layer, "text_bytes")), fate);
  }
  return text;
}

std::string describe_costs(const json::value& kb) {
  auto text = fmt::format("  {:<24} {:>11} {:>7} {:>14} {:>8} {:>9} {:>9}  {}\n", "one request",
                          "tokens", "within", "known from", "window", "cold", "warm", "by layer");
  for (const auto& model : kb.at("models").as_array()) {
    text += fmt::format(
        "  {:<24} {:>11} {:>7} {:>14} {:>7.1f}% {:>9} {:>9}  {}{}\n", text_of(model, "model"),
        config::with_commas(number_of(model, "tokens_estimate")), error_of(model), source_of(model),
        share_of(model, "window_share") * 100, dollars(model, "cold_usd"),
        dollars(model, "warm_usd"), layers_with_those_before(model), remarks_of(model));
  }
  return text + not_counted(kb) + unknown_models(kb);
}

std::string describe_update_costs(const json::value& kb) {
  if (!kb.at("changed").as_bool()) return "";
  auto text = fmt::format("  {:<24} {:>11} {:>9} {:>26}\n", "this update", "re-written", "costs",
                          "with documents by path");
  for (const auto& model : kb.at("models").as_array()) {
    text += fmt::format("  {:<24} {:>11} {:>9} {:>16} {:>9}\n", text_of(model, "model"),
                        config::with_commas(number_of(model, "rewritten_tokens")),
                        dollars(model, "rewritten_usd"),
                        config::with_commas(number_of(model, "path_order_tokens")),
                        dollars(model, "path_order_usd"));
  }
  return text;
}

std::string describe_costs_shortly(const json::value& kb) {
  auto text = fmt::format("  {:<24} {:>12} {:>8} {:>8} {:>9} {:>9} {:>12} {:>9}\n", "", "tokens",
                          "within", "window", "cold", "warm", "this update", "by path");
  for (const auto& model : kb.at("models").as_array()) {
    text += fmt::format(
        "  {:<24} {:>12} {:>8} {:>7.1f}% {:>9} {:>9} {:>12} {:>9}{}\n", text_of(model, "model"),
        config::with_commas(number_of(model, "tokens_estimate")),
        is_counted(model) ? "counted" : error_of(model), share_of(model, "window_share") * 100,
        dollars(model, "cold_usd"), dollars(model, "warm_usd"), dollars(model, "rewritten_usd"),
        dollars(model, "path_order_usd"), remarks_of(model));
  }
  return text + not_counted(kb) + unknown_models(kb);
}

}  // namespace foreword::tools
