#include "proxy/admin_api.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <boost/url.hpp>
#include <fmt/format.h>

#include "cache/savings.h"
#include "config/kb_set.h"
#include "config/load.h"
#include "proxy/admin_json.h"
#include "proxy/net.h"
#include "proxy/stored_texts.h"
#include "proxy/time_text.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

AdminResponse as_response(unsigned status, const json::value& body) {
  AdminResponse response;
  response.status = status;
  response.body = json::serialize(body) + "\n";
  return response;
}

AdminResponse error(unsigned status, std::string_view message) {
  const json::value body{{"error", {{"message", message}}}};
  return as_response(status, body);
}

AdminResponse failed(const config::Error& failure) {
  return error(500, failure.message);
}

std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  // Boost 1.81's parse_query reads on to a NUL behind the view that it is given.
  const std::string terminated(query);
  const auto parsed = boost::urls::parse_query(terminated);
  if (!parsed) return std::nullopt;
  for (const auto& param : *parsed) {
    const auto key = param.key.decode();
    if (key == name) return std::string(param.value.decode());
  }
  return std::nullopt;
}

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

/// Nothing: there is none of that name.
std::optional<std::string_view> string_of(const json::value& item, std::string_view name) {
  const auto* object = item.if_object();
  const auto* value = object != nullptr ? object->if_contains({name.data(), name.size()}) : nullptr;
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string().data(), value->get_string().size());
}

/// "documents": [{"path": ..., "text": ...}, ...]; in place of a text that the store has, "hash".
config::Result<std::vector<RawDocument>> read_documents(std::string_view body) {
  boost::system::error_code failure;
  auto parsed = json::parse(json::string_view(body.data(), body.size()), failure);
  if (failure) return config::Error{"the body is not JSON: " + failure.message()};
  auto* root = parsed.if_object();
  auto* list = root != nullptr ? root->if_contains("documents") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return config::Error{R"(the body has to be {"documents": [{"path": ..., "text": ...}, ...]})"};
  }
  std::vector<RawDocument> documents;
  for (auto& item : list->get_array()) {
    const auto path = string_of(item, "path");
    const auto text = string_of(item, "text");
    const auto hash = config::parse_hex(string_of(item, "hash").value_or(""));
    if (!path || !(text || hash)) {
      return config::Error{fmt::format(
          "document {} has to be an object with the strings \"path\" and \"text\" or \"hash\"",
          documents.size() + 1)};
    }
    RawDocument document;
    document.path = std::string(*path);
    document.text = std::string(text.value_or(""));
    if (!text) document.stored = hash;
    documents.push_back(std::move(document));
    item = nullptr;  // two copies of a large base at once are enough
  }
  return documents;
}

/// What a layout has to know of a knowledge base that nobody has asked anything yet.
constexpr double kUnknownRequestsPerDay = 10;
constexpr std::chrono::days kRateWindow{7};

/// Requests a day with the knowledge base, alone or among others, over the last week or as long as
/// there are rows.
double requests_per_day(const cache::Savings& savings, std::string_view kb, config::TimePoint now) {
  std::uint64_t requests = 0;
  for (const auto& [kbs, totals] : savings.groups) {
    if (config::kb_set_has(kbs, kb)) requests += totals.requests;
  }
  if (requests == 0 || !savings.first) return kUnknownRequestsPerDay;
  const std::chrono::duration<double, std::ratio<86'400>> days = now - *savings.first;
  return static_cast<double>(requests) / std::max(days.count(), 1.0);
}

/// false: the parameter is there and is no time.
bool read_time(std::string_view query, std::string_view name,
               std::optional<config::TimePoint>& at) {
  const auto text = parameter(query, name);
  if (!text) return true;
  at = parse_rfc3339(*text);
  return at.has_value();
}

}  // namespace

std::optional<AdminResponse> AdminApi::refuse(const AdminRequest& request) const {
  constexpr std::string_view kBearer = "Bearer ";
  if (!token_.empty()) {
    const auto& given = request.authorization;
    if (!given.starts_with(kBearer) || !same_secret(given.substr(kBearer.size()), token_)) {
      return error(401, "send the token that admin.token_env names as Authorization: Bearer");
    }
  } else if (!is_loopback_host(request.host) ||
             (!request.origin.empty() && !is_loopback_origin(request.origin))) {
    return error(403, "without a token, this listener answers only under a loopback name");
  }
  return std::nullopt;
}

AdminResponse AdminApi::route(const AdminRequest& request) {
  const auto question = request.target.find('?');
  const auto path = request.target.substr(0, question);
  const auto query =
      question == std::string_view::npos ? std::string_view() : request.target.substr(question + 1);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  constexpr std::string_view kRequests = "/api/requests/";
  constexpr std::string_view kKbs = "/api/kbs/";
  if (path.starts_with(kKbs)) {
    const auto name = path.substr(kKbs.size());
    if (reads) return show_kb(name);
    if (request.method == "PUT") return put_kb(name, request.body);
    if (request.method == "DELETE") return delete_kb(name);
    return error(405, "a knowledge base takes GET, PUT and DELETE");
  }
  if (!reads) return error(405, "this path takes GET");
  if (path == "/healthz" || path == "/readyz") return as_response(200, {{"status", "ok"}});
  if (path == "/api/status") return status();
  if (path == "/api/savings") return savings(query);
  if (path == "/api/requests") return requests(query);
  if (path.starts_with(kRequests)) return one_request(path.substr(kRequests.size()));
  if (path == "/api/kbs") return list_kbs();
  return error(404,
               "no such path; there are /api/savings, /api/requests, /api/requests/ID, /api/kbs, "
               "/api/kbs/NAME, /api/status, /healthz, /readyz");
}

AdminResponse AdminApi::savings(std::string_view query) {
  cache::TimeRange range;
  if (!read_time(query, "from", range.from) || !read_time(query, "to", range.to)) {
    return error(400, "from and to are RFC 3339 times in UTC, such as 2026-11-23T00:00:00Z");
  }
  auto group_by = cache::GroupBy::none;
  if (const auto by = parameter(query, "by")) {
    const auto parsed = cache::parse_group_by(*by);
    if (!parsed) return error(400, "by is one of model, kb, label, upstream, day");
    group_by = *parsed;
  }
  services_.ledger.flush();
  const auto result = cache::savings(store_, range, group_by, services_.settings.finetune);
  if (!result) return failed(result.error());
  return as_response(200, to_json(*result));
}

AdminResponse AdminApi::requests(std::string_view query) {
  constexpr std::size_t kMost = 10'000;
  std::size_t limit = 100;
  if (const auto text = parameter(query, "limit")) {
    const auto* end = text->data() + text->size();
    const auto [stop, failure] = std::from_chars(text->data(), end, limit);
    if (failure != std::errc() || stop != end || limit == 0 || limit > kMost) {
      return error(400, fmt::format("limit is a number from 1 to {}", kMost));
    }
  }
  std::optional<cache::RequestId> before;
  if (const auto text = parameter(query, "before")) {
    before = cache::parse_request_id(*text);
    if (!before) return error(400, "before is the id of a request");
  }
  services_.ledger.flush();
  const auto rows = cache::latest_rows(store_, limit, before);
  if (!rows) return failed(rows.error());
  json::array list;
  for (const auto& row : *rows) list.push_back(to_json(row));
  return as_response(200, {{"requests", std::move(list)}});
}

AdminResponse AdminApi::one_request(std::string_view text) {
  const auto id = cache::parse_request_id(text);
  if (!id) return error(400, "an id is 32 hexadecimal digits, as in X-Foreword-Request");
  services_.ledger.flush();
  const auto row = cache::find_row(store_, *id);
  if (!row) return failed(row.error());
  if (!*row) return error(404, "no request of that id in the ledger");
  return as_response(200, to_json(**row));
}

AdminResponse AdminApi::list_kbs() {
  json::array list;
  for (const auto& kb : services_.knowledge.list()) {
    list.push_back(to_json(kb->version, services_.models, false));
  }
  return as_response(200, {{"kbs", std::move(list)}});
}

AdminResponse AdminApi::show_kb(std::string_view name) {
  const auto kb = services_.knowledge.find(name);
  if (!kb) return error(404, fmt::format("there is no knowledge base '{}'", name));
  return as_response(200, to_json(kb->version, services_.models, true));
}

config::Result<assembler::LayoutPolicy> AdminApi::layout_policy(std::string_view kb) {
  const auto now = services_.now();
  cache::TimeRange range;
  range.from = now - kRateWindow;
  services_.ledger.flush();
  const auto rows = cache::savings(store_, range, cache::GroupBy::kb, services_.settings.finetune);
  if (!rows) return rows.error();
  const auto settings = services_.settings.kb_named(kb);
  assembler::LayoutPolicy policy;
  policy.kind = settings.layout == config::KbLayout::exact ? assembler::LayoutKind::exact
                                                           : assembler::LayoutKind::overlay;
  policy.max_stale_share = settings.max_stale_percent / 100.0;
  policy.requests_per_day = requests_per_day(*rows, kb, now);
  return policy;
}

AdminResponse AdminApi::put_kb(std::string_view name, std::string_view body) {
  if (!config::is_kb_name(name)) {
    return error(
        400,
        "a knowledge base's name has letters, digits, '.', '_' and '-', at most 64, and is "
        "not 'none'");
  }
  auto documents = read_documents(body);
  if (!documents) return error(400, documents.error().message);
  if (const auto kb = services_.knowledge.find(name); kb && is_same(*kb, *documents)) {
    auto answer = to_json(kb->version, services_.models, true);
    answer["changed"] = false;
    answer["rewritten_bytes"] = 0;
    return as_response(200, answer);
  }
  const auto missing = fill_stored_texts(store_, *documents);
  if (!missing.empty()) {
    // Nothing has been published: the same has to come again, with these texts.
    return as_response(202, {{"name", name}, {"missing", json::value_from(missing)}});
  }
  const auto policy = layout_policy(name);
  if (!policy) return failed(policy.error());
  const auto report =
      services_.knowledge.publish(name, std::move(*documents), services_.now(), *policy);
  if (!report) return error(400, report.error().message);
  auto answer = to_json(report->version, services_.models, true);
  answer["changed"] = report->changed;
  answer["rewritten_bytes"] = report->rewritten_bytes;
  return as_response(200, answer);
}

AdminResponse AdminApi::delete_kb(std::string_view name) {
  const auto removed = services_.knowledge.remove(name);
  if (!removed) return failed(removed.error());
  if (!*removed) return error(404, fmt::format("there is no knowledge base '{}'", name));
  json::array attached_by;
  for (const auto& key : services_.settings.keys_that_attach(name)) attached_by.emplace_back(key);
  return as_response(200, {{"removed", name}, {"still_attached_by", std::move(attached_by)}});
}

AdminResponse AdminApi::status() const {
  const auto& counters = services_.counters;
  return as_response(200, {{"connections", counters.connections.load()},
                           {"requests", counters.requests.load()},
                           {"passed_through", counters.passed_through.load()},
                           {"not_understood", counters.not_understood.load()},
                           {"failures", counters.failures.load()},
                           {"buffered_bytes", counters.buffered_bytes.load()},
                           {"broken_sessions", counters.broken_sessions.load()},
                           {"ledger_rows_dropped", services_.ledger.dropped()}});
}

}  // namespace foreword::proxy
