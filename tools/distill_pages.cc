#include "tools/distill_pages.h"

#include <array>

#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

#include "proxy/time_text.h"

namespace foreword::tools {
namespace {

struct Reason {
  std::string_view name;
  std::string_view text;
};
constexpr std::array kReasons{
    Reason{"media", "with images, documents or sound"},
    Reason{"provider_tools", "in which the provider ran tools of its own"},
    Reason{"kept_elsewhere", "whose prompt is partly kept by the provider"},
    Reason{"cut_short", "cut short, by max_tokens say"},
    Reason{"refused", "refused by the model or a filter"},
    Reason{"no_answer", "without an answer"},
    Reason{"no_place", "with more than text in turns, for which the format has no place"},
    Reason{"not_understood", "not understood"},
    Reason{"other_key", "sealed with another key"},
    Reason{"damaged", "damaged in the store"},
};

std::string_view text_of(std::string_view reason) {
  for (const auto& [name, text] : kReasons) {
    if (name == reason) return text;
  }
  return reason;
}

void add_left_out(const boost::json::value& page, DistillResult& result) {
  for (const auto& item : page.at("left_out").as_object()) {
    result.left_out[std::string(item.key())] += item.value().to_number<std::uint64_t>();
  }
}

}  // namespace

std::string selection_query(const cache::TimeRange& range, const std::string& label) {
  std::string query;
  const auto add = [&query](std::string_view name, const std::string& value) {
    query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, value);
  };
  if (range.from) add("from", proxy::to_rfc3339(*range.from));
  if (range.to) add("to", proxy::to_rfc3339(*range.to));
  if (!label.empty()) {
    add("label", boost::urls::encode(label, boost::urls::unreserved_chars));
  }
  return query;
}

config::Result<DistillResult> for_each_example(const AdminConnection& admin,
                                               const DistillQuestion& question,
                                               const std::function<bool(std::string_view)>& visit) {
  const auto selection = selection_query(question.range, question.label);
  const auto target = fmt::format("/api/distill/examples{}{}format={}", selection,
                                  selection.empty() ? '?' : '&', question.format);
  DistillResult result;
  std::string first;
  for (;;) {
    const auto page = admin("GET", target + first, "");
    if (!page) return page.error();
    add_left_out(*page, result);
    for (const auto& line : page->at("lines").as_array()) {
      const auto& text = line.as_string();
      ++result.examples;
      if (!visit(std::string_view(text.data(), text.size()))) return result;
    }
    const auto& next = page->at("next");
    if (next.is_null()) return result;
    first = "&first=" + boost::json::value_to<std::string>(next);
  }
}

std::string summary_of(const DistillResult& result) {
  auto summary = fmt::format("{} examples", result.examples);
  const char* between = "; left out: ";
  for (const auto& [reason, count] : result.left_out) {
    summary += fmt::format("{}{} {}", between, count, text_of(reason));
    between = ", ";
  }
  return summary;
}

}  // namespace foreword::tools
