#include "proxy/admin_kbs.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/savings.h"
#include "config/load.h"
#include "proxy/admin_json.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

/// "documents": [{"path": ..., "text": ...}, ...]
config::Result<std::vector<RawDocument>> read_documents(std::string_view body) {
  boost::system::error_code failure;
  const auto parsed = json::parse(json::string_view(body.data(), body.size()), failure);
  if (failure) return config::Error{"the body is not JSON: " + failure.message()};
  const auto* root = parsed.if_object();
  const auto* list = root != nullptr ? root->if_contains("documents") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return config::Error{R"(the body has to be {"documents": [{"path": ..., "text": ...}, ...]})"};
  }
  std::vector<RawDocument> documents;
  for (const auto& item : list->get_array()) {
    const auto* object = item.if_object();
    const auto* path = object != nullptr ? object->if_contains("path") : nullptr;
    const auto* text = object != nullptr ? object->if_contains("text") : nullptr;
    if (path == nullptr || text == nullptr || !path->is_string() || !text->is_string()) {
      return config::Error{
          fmt::format("document {} has to be an object with the strings \"path\" and \"text\"",
                      documents.size() + 1)};
    }
    RawDocument document;
    document.path = std::string(path->get_string());
    document.text = std::string(text->get_string());
    documents.push_back(std::move(document));
  }
  return documents;
}

/// What a layout has to know of a knowledge base that nobody has asked anything yet.
constexpr double kUnknownRequestsPerDay = 10;
constexpr std::chrono::days kRateWindow{7};

/// Requests a day with the knowledge base, over the last week or as long as there are rows.
double requests_per_day(const cache::Savings& savings, std::string_view kb, config::TimePoint now) {
  const auto found = savings.groups.find(std::string(kb));
  if (found == savings.groups.end() || !savings.first) return kUnknownRequestsPerDay;
  const std::chrono::duration<double, std::ratio<86'400>> days = now - *savings.first;
  return static_cast<double>(found->second.requests) / std::max(days.count(), 1.0);
}

}  // namespace

bool AdminKbs::knows(std::string_view path) {
  if (!path.starts_with(kPath)) return false;
  path.remove_prefix(kPath.size());
  return path.empty() || path.starts_with('/');
}

AdminResponse AdminKbs::answer(std::string_view method, std::string_view path,
                               std::string_view body) {
  const bool reads = method == "GET" || method == "HEAD";
  if (path == kPath) return reads ? list() : error_response(405, "this path takes GET");
  const auto name = path.substr(kPath.size() + 1);
  if (reads) return show(name);
  if (method == "PUT") return put(name, body);
  if (method == "DELETE") return remove(name);
  return error_response(405, "a knowledge base takes GET, PUT and DELETE");
}

AdminResponse AdminKbs::list() const {
  json::array list;
  for (const auto& kb : services_.knowledge.list()) {
    list.push_back(to_json(kb->version, services_.models, false));
  }
  return json_response(200, {{"kbs", std::move(list)}});
}

AdminResponse AdminKbs::show(std::string_view name) const {
  const auto kb = services_.knowledge.find(name);
  if (!kb) return error_response(404, fmt::format("there is no knowledge base '{}'", name));
  return json_response(200, to_json(kb->version, services_.models, true));
}

config::Result<assembler::LayoutPolicy> AdminKbs::layout_policy(std::string_view name) {
  const auto now = services_.now();
  cache::TimeRange range;
  range.from = now - kRateWindow;
  services_.ledger.flush();
  const auto rows = cache::savings(store_, range, cache::GroupBy::kb, services_.settings.finetune);
  if (!rows) return rows.error();
  assembler::LayoutPolicy policy;
  policy.requests_per_day = requests_per_day(*rows, name, now);
  return policy;
}

AdminResponse AdminKbs::put(std::string_view name, std::string_view body) {
  if (!config::is_kb_name(name)) {
    return error_response(
        400,
        "a knowledge base's name has letters, digits, '.', '_' and '-', at most 64, and is "
        "not 'none'");
  }
  auto documents = read_documents(body);
  if (!documents) return error_response(400, documents.error().message);
  const auto policy = layout_policy(name);
  if (!policy) return failed_response(policy.error());
  const auto report =
      services_.knowledge.publish(name, std::move(*documents), services_.now(), *policy);
  if (!report) return error_response(400, report.error().message);
  auto answer = to_json(report->version, services_.models, true);
  answer["changed"] = report->changed;
  answer["rewritten_bytes"] = report->rewritten_bytes;
  return json_response(200, answer);
}

AdminResponse AdminKbs::remove(std::string_view name) {
  const auto removed = services_.knowledge.remove(name);
  if (!removed) return failed_response(removed.error());
  if (!*removed) return error_response(404, fmt::format("there is no knowledge base '{}'", name));
  return json_response(200, {{"removed", name}});
}

}  // namespace foreword::proxy
