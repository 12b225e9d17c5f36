#include "proxy/admin_api.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/advice.h"
#include "cache/kb_warmth.h"
#include "cache/misses.h"
#include "cache/savings.h"
#include "cache/spending.h"
#include "proxy/admin_clock.h"
#include "proxy/admin_json.h"
#include "proxy/admin_ledger.h"
#include "proxy/admin_query.h"
#include "proxy/admin_routes.h"
#include "proxy/advice_json.h"
#include "proxy/advice_question.h"
#include "proxy/explanation.h"
#include "proxy/metrics_page.h"
#include "proxy/net.h"
#include "proxy/prefixes_json.h"
#include "proxy/static_files.h"
#include "proxy/time_text.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

/// Is this the name under which a browser on this machine may reach a loopback listener? Any other
/// is a page that rebound its own name to 127.0.0.1.
bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  if (host == "localhost") return true;
  error_code failure;
  const auto address = asio::ip::make_address(std::string(host), failure);
  return !failure && address.is_loopback();
}

bool is_loopback_origin(std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme != std::string_view::npos && is_loopback_host(origin.substr(scheme + 3));
}

bool same_secret(std::string_view given, std::string_view expected) {
  return given.size() == expected.size() &&
         CRYPTO_memcmp(given.data(), expected.data(), given.size()) == 0;
}

/// By hour an answer has a line for each.
constexpr std::chrono::days kMostDaysByHour{31};

constexpr std::string_view kApi = "/api/";

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

/// A browser sends no token for a page and its files; they tell nothing, and ask for it.
bool is_page(const AdminRequest& request) {
  const auto path = path_of(request.target);
  return !path.starts_with(kApi) && find_static_file(path) != nullptr;
}

AdminResponse show(const StaticFile& file, std::string_view if_none_match) {
  AdminResponse response;
  response.content_type = file.content_type;
  response.entity_tag = entity_tag(file);
  if (has_tag(if_none_match, response.entity_tag)) {
    response.status = 304;
  } else {
    response.body = file.bytes;
  }
  return response;
}

AdminResponse unknown_path() {
  std::string paths;
  for (const auto& route : admin_routes()) {
    paths += paths.empty() ? "" : ", ";
    paths += route.path;
  }
  return error_response(404, "no such path; there are " + paths);
}

}  // namespace

std::optional<AdminResponse> AdminApi::refuse(const AdminRequest& request) const {
  constexpr std::string_view kBearer = "Bearer ";
  if (!token_.empty()) {
    if (is_page(request)) return std::nullopt;
    const auto& given = request.authorization;
    if (!given.starts_with(kBearer) || !same_secret(given.substr(kBearer.size()), token_)) {
      return error_response(401,
                            "send the token that admin.token_env names as Authorization: Bearer");
    }
  } else if (!is_loopback_host(request.host) ||
             (!request.origin.empty() && !is_loopback_origin(request.origin))) {
    return error_response(403, "without a token, this listener answers only under a loopback name");
  }
  return std::nullopt;
}

AdminResponse AdminApi::route(AdminRequest request) {
  const auto question = request.target.find('?');
  const auto path = path_of(request.target);
  const auto query =
      question == std::string_view::npos ? std::string_view() : request.target.substr(question + 1);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  constexpr std::string_view kRequests = "/api/requests/";
  const auto* file = find_static_file(path);
  if (file == nullptr && find_admin_route(path) == nullptr) return unknown_path();
  if (AdminKbs::knows(path)) {
    return kbs_.answer(request.method, path, query, std::move(request.body));
  }
  if (AdminPrices::knows(path)) {
    return prices_.answer(request.method, path, query, std::move(request.body));
  }
  if (AdminDistill::knows(path)) return distill_.answer(request.method, path, query);
  if (path == "/api/clock") return clock_page(services_, request.method, request.body);
  if (!reads) return error_response(405, "this path takes GET");
  if (file != nullptr) return show(*file, request.if_none_match);
  if (path == "/healthz" || path == "/readyz") return json_response(200, {{"status", "ok"}});
  if (path == "/metrics") return {200, kMetricsContentType, metrics_page(services_)};
  if (path == "/api/status") return status();
  if (path == "/api/savings") return savings(query);
  if (path == "/api/spending") return spending(query);
  if (path == "/api/misses") return misses(query);
  if (path == "/api/warmth") return warmth();
  if (path == "/api/prefixes") return prefixes();
  if (path == "/api/advice") return advice(query);
  if (path == "/api/explanation") return explanation(services_, store_, query);
  if (path == "/api/ledger") return ledger_page(services_, store_, query);
  if (path == "/api/requests") return requests(query);
  if (path.starts_with(kRequests)) return one_request(path.substr(kRequests.size()));
  return unknown_path();
}

AdminResponse AdminApi::savings(std::string_view query) {
  cache::TimeRange range;
  if (!read_range(query, range)) return error_response(400, kRangeForm);
  auto group_by = cache::GroupBy::none;
  if (const auto by = query_parameter(query, "by")) {
    const auto parsed = cache::parse_group_by(*by);
    if (!parsed) return error_response(400, "by is one of model, kb, label, upstream, day, hour");
    group_by = *parsed;
  }
  if (group_by == cache::GroupBy::hour) {
    const auto to = range.to.value_or(services_.now());
    if (!range.from || to - *range.from > kMostDaysByHour) {
      return error_response(400, fmt::format("by=hour takes a from, at most {} days before to",
                                             kMostDaysByHour.count()));
    }
  }
  services_.ledger.flush();
  const auto result = cache::savings(store_, range, group_by);
  if (!result) return failed_response(result.error());
  return json_response(200, to_json(*result));
}

AdminResponse AdminApi::spending(std::string_view query) {
  cache::TimeRange range;
  if (!read_range(query, range)) return error_response(400, kRangeForm);
  services_.ledger.flush();
  const auto result = cache::spending(store_, range, services_.models.now());
  if (!result) return failed_response(result.error());
  return json_response(200, to_json(*result));
}

AdminResponse AdminApi::misses(std::string_view query) {
  cache::TimeRange range;
  if (!read_range(query, range)) return error_response(400, kRangeForm);
  services_.ledger.flush();
  const auto result = cache::misses(store_, range, services_.models.now());
  if (!result) return failed_response(result.error());
  return json_response(200, to_json(*result));
}

AdminResponse AdminApi::prefixes() const {
  if (services_.prefixes == nullptr) {
    return error_response(404, "only a running proxy remembers prefixes");
  }
  return json_response(200, prefixes_json(services_));
}

AdminResponse AdminApi::warmth() {
  services_.ledger.flush();
  const auto now = services_.now();
  const auto result = cache::kb_warmth(store_, services_.models.now(), now);
  if (!result) return failed_response(result.error());
  json::array list;
  for (const auto& entry : *result) list.push_back(to_json(entry, now));
  return json_response(200, {{"now", to_rfc3339(now)}, {"warmth", std::move(list)}});
}

AdminResponse AdminApi::advice(std::string_view query) {
  cache::TimeRange range;
  if (!read_range(query, range)) return error_response(400, kRangeForm);
  const auto settings = assumptions_asked_for(query, services_.settings.finetune);
  if (!settings) return error_response(400, settings.error().message);
  services_.ledger.flush();
  auto traffic = cache::traffic(store_, range);
  if (!traffic) return failed_response(traffic.error());
  const auto advice =
      cache::advice(*std::move(traffic), *settings, services_.models.now(), services_.now());
  return json_response(200, to_json(advice, *settings));
}

AdminResponse AdminApi::requests(std::string_view query) {
  constexpr std::size_t kMost = 10'000;
  const auto limit = read_limit(query, 100, kMost);
  if (!limit) return error_response(400, fmt::format("limit is a number from 1 to {}", kMost));
  std::optional<cache::RequestId> before;
  if (const auto text = query_parameter(query, "before")) {
    before = cache::parse_request_id(*text);
    if (!before) return error_response(400, "before is the id of a request");
  }
  services_.ledger.flush();
  const auto rows = cache::latest_rows(store_, *limit, before);
  if (!rows) return failed_response(rows.error());
  json::array list;
  for (const auto& row : *rows) list.push_back(to_json(row));
  return json_response(200, {{"requests", std::move(list)}});
}

AdminResponse AdminApi::one_request(std::string_view text) {
  const auto id = cache::parse_request_id(text);
  if (!id) return error_response(400, "an id is 32 hexadecimal digits, as in X-Foreword-Request");
  services_.ledger.flush();
  const auto row = cache::find_row(store_, *id);
  if (!row) return failed_response(row.error());
  if (!*row) return error_response(404, "no request of that id in the ledger");
  return json_response(200, to_json(**row));
}

AdminResponse AdminApi::status() const {
  const auto& counters = services_.counters;
  return json_response(200, {{"connections", counters.connections.load()},
                             {"requests", counters.requests.load()},
                             {"passed_through", counters.passed_through.load()},
                             {"not_understood", counters.not_understood.load()},
                             {"resent", counters.resent.load()},
                             {"gate_waited", counters.gate_waited.load()},
                             {"gate_gave_up", counters.gate_gave_up.load()},
                             {"pings", counters.pings.load()},
                             {"failures", counters.failures.load()},
                             {"broken_sessions", counters.broken_sessions.load()},
                             {"ledger_rows_dropped", services_.ledger.dropped()}});
}

}  // namespace foreword::proxy
