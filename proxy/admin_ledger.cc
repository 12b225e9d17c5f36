#include "proxy/admin_ledger.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/ledger.h"
#include "proxy/admin_json.h"
#include "proxy/admin_query.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

constexpr std::size_t kRowsOfAPage = 1000;
constexpr std::size_t kMostRowsOfAPage = 10'000;
/// Where few rows have the label: some tenths of a second.
constexpr std::size_t kLookedAtForAPage = 50'000;

struct PageQuestion {
  std::optional<cache::RequestId> first;
  std::optional<cache::RequestId> end;  // the first id that is not meant
  std::optional<std::string> label;
  std::size_t limit = kRowsOfAPage;
  bool prefixes = false;
};

config::Result<PageQuestion> read_question(std::string_view query) {
  cache::TimeRange range;
  if (!read_range(query, range)) return config::Error{std::string(kRangeForm)};
  PageQuestion question;
  if (range.from) question.first = cache::first_id_at(*range.from);
  if (range.to) question.end = cache::first_id_at(*range.to);
  question.label = query_parameter(query, "label");
  const auto limit = read_limit(query, kRowsOfAPage, kMostRowsOfAPage);
  if (!limit) {
    return config::Error{fmt::format("limit is a number from 1 to {}", kMostRowsOfAPage)};
  }
  question.limit = *limit;
  question.prefixes = query_parameter(query, "prefixes") == "1";
  if (const auto text = query_parameter(query, "first")) {
    const auto first = cache::parse_request_id(*text);
    if (!first) return config::Error{"first is the id of a request"};
    question.first = std::max(question.first, first);
  }
  return question;
}

bool has_label(const cache::LedgerRow& row, const std::optional<std::string>& label) {
  return !label || row.label == (*label == kNoLabel ? std::string_view() : *label);
}

json::array prefixes_of(const cache::LedgerRow& row) {
  json::array prefixes;
  for (const auto& prefix : row.prefixes) {
    prefixes.push_back(json::array{prefix.hash, prefix.tokens});
  }
  return prefixes;
}

}  // namespace

AdminResponse ledger_page(const Services& services, const cache::Store& store,
                          std::string_view query) {
  const auto question = read_question(query);
  if (!question) return error_response(400, question.error().message);
  services.ledger.flush();
  json::array rows;
  std::optional<cache::RequestId> next;
  std::size_t looked_at = 0;
  const auto done = cache::for_each_row_from(store, question->first, [&](cache::LedgerRow&& row) {
    if (question->end && row.id >= *question->end) return false;
    if (rows.size() == question->limit || looked_at == kLookedAtForAPage) {
      next = row.id;
      return false;
    }
    ++looked_at;
    if (has_label(row, question->label)) {
      rows.push_back(to_json(row));
      if (question->prefixes) rows.back().get_object().emplace("prefixes", prefixes_of(row));
    }
    return true;
  });
  if (!done) return failed_response(done.error());
  return json_response(200, {{"requests", std::move(rows)},
                             {"next", next ? json::value(cache::to_text(*next)) : nullptr}});
}

}  // namespace foreword::proxy
