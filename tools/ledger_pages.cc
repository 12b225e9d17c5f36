#include "tools/ledger_pages.h"

#include <optional>
#include <string_view>

#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "proxy/time_text.h"

namespace foreword::tools {
namespace {

std::string target_of(const LedgerQuestion& question) {
  std::string target = "/api/ledger?limit=2000";
  if (question.prefixes) target += "&prefixes=1";
  if (question.range.from) target += "&from=" + proxy::to_rfc3339(*question.range.from);
  if (question.range.to) target += "&to=" + proxy::to_rfc3339(*question.range.to);
  if (!question.label.empty()) {
    target += "&label=" + boost::urls::encode(question.label, boost::urls::unreserved_chars);
  }
  return target;
}

}  // namespace

config::Result<std::uint64_t> for_each_ledger_row(
    const AdminConnection& admin, const LedgerQuestion& question,
    const std::function<bool(const boost::json::object&)>& visit) {
  const auto target = target_of(question);
  std::uint64_t visited = 0;
  std::string first;
  for (;;) {
    const auto page = admin("GET", target + first, "");
    if (!page) return page.error();
    for (const auto& row : page->at("requests").as_array()) {
      ++visited;
      if (!visit(row.as_object())) return visited;
    }
    const auto& next = page->at("next");
    if (next.is_null()) return visited;
    first = "&first=" + boost::json::value_to<std::string>(next);
  }
}

}  // namespace foreword::tools
