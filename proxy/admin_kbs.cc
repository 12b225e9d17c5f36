#include "proxy/admin_kbs.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/savings.h"
#include "config/kb_set.h"
#include "config/load.h"
#include "proxy/admin_json.h"
#include "proxy/kb_costs.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

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

constexpr std::string_view kDiff = "/diff";
constexpr std::string_view kNoKbName =
    "a knowledge base's name has letters, digits, '.', '_' and '-', at most 64, and is not 'none'";

void add(json::object& to, json::object members) {
  for (auto& [key, value] : members) to[key] = std::move(value);
}

/// A draft, what it changes and what it costs.
json::object describe(const KbDraft& draft, const KbModels& models,
                      const cache::TokenRatios& ratios, config::TimePoint at) {
  const auto& name = draft.version.name;
  auto answer = to_json(draft.version, true);
  add(answer, changes_json(draft));
  add(answer, costs_json(models, ratios, name, kb_sizes(draft), draft.layers_before, at));
  return answer;
}

/// Nothing has been published: the same has to come again, with these texts.
AdminResponse missing_response(const KbDraft& draft, std::string_view name) {
  return json_response(202, {{"name", name}, {"missing", json::value_from(draft.missing_texts)}});
}

}  // namespace

bool AdminKbs::knows(std::string_view path) {
  if (!path.starts_with(kPath)) return false;
  path.remove_prefix(kPath.size());
  return path.empty() || path.starts_with('/');
}

AdminResponse AdminKbs::answer(std::string_view method, std::string_view path,
                               std::string_view query, std::string_view body) {
  const bool reads = method == "GET" || method == "HEAD";
  if (path == kPath) return reads ? list() : error_response(405, "this path takes GET");
  auto name = path.substr(kPath.size() + 1);
  if (name.ends_with(kDiff)) {
    name.remove_suffix(kDiff.size());
    return method == "POST" ? diff(name, body) : error_response(405, "a diff takes POST");
  }
  if (reads) return show(name);
  if (method == "PUT") return put(name, query, body);
  if (method == "DELETE") return remove(name);
  return error_response(405, "a knowledge base takes GET, PUT and DELETE, its /diff takes POST");
}

AdminResponse AdminKbs::list() const {
  json::array list;
  for (const auto& kb : services_.knowledge.list()) {
    list.push_back(to_json(kb->version, false));
  }
  return json_response(200, {{"kbs", std::move(list)}});
}

AdminResponse AdminKbs::show(std::string_view name) {
  const auto kb = services_.knowledge.find(name);
  if (!kb) return error_response(404, fmt::format("there is no knowledge base '{}'", name));
  const auto ratios = token_ratios();
  if (!ratios) return failed_response(ratios.error());
  const auto models = kb_models(services_.models, services_.settings, name);
  auto answer = to_json(kb->version, true);
  add(answer, costs_json(models, *ratios, name, kb_sizes(kb->version), {}, services_.now()));
  return json_response(200, answer);
}

config::Result<assembler::LayoutPolicy> AdminKbs::layout_policy(std::string_view name) {
  const auto now = services_.now();
  cache::TimeRange range;
  range.from = now - kRateWindow;
  services_.ledger.flush();
  const auto rows = cache::savings(store_, range, cache::GroupBy::kb, services_.settings.finetune);
  if (!rows) return rows.error();
  const auto settings = services_.settings.kb_named(name);
  assembler::LayoutPolicy policy;
  policy.kind = settings.layout == config::KbLayout::exact ? assembler::LayoutKind::exact
                                                           : assembler::LayoutKind::overlay;
  policy.max_stale_share = settings.max_stale_percent / 100.0;
  policy.requests_per_day = requests_per_day(*rows, name, now);
  return policy;
}

config::Result<cache::TokenRatios> AdminKbs::token_ratios() {
  services_.ledger.flush();
  return cache::read_token_ratios(store_, services_.models, text_share(services_.knowledge));
}

AdminResponse AdminKbs::put(std::string_view name, std::string_view query, std::string_view body) {
  if (!config::is_kb_name(name)) return error_response(400, kNoKbName);
  auto documents = read_documents(body);
  if (!documents) return error_response(400, documents.error().message);
  const auto policy = layout_policy(name);
  if (!policy) return failed_response(policy.error());
  const auto ratios = token_ratios();
  if (!ratios) return failed_response(ratios.error());
  const auto models = kb_models(services_.models, services_.settings, name);
  const bool any_size = query_parameter(query, "allow_oversize") == "true";
  const auto check = [&](const KbDraft& draft) -> config::Result<void> {
    if (any_size) return {};
    return check_fit(draft, models, *ratios);
  };
  const auto now = services_.now();
  const auto published =
      services_.knowledge.publish(name, std::move(*documents), now, *policy, check);
  if (!published) return error_response(400, published.error().message);
  if (!published->missing_texts.empty()) return missing_response(*published, name);
  return json_response(200, describe(*published, models, *ratios, now));
}

AdminResponse AdminKbs::diff(std::string_view name, std::string_view body) {
  if (!config::is_kb_name(name)) return error_response(400, kNoKbName);
  auto documents = read_documents(body);
  if (!documents) return error_response(400, documents.error().message);
  const auto policy = layout_policy(name);
  if (!policy) return failed_response(policy.error());
  const auto ratios = token_ratios();
  if (!ratios) return failed_response(ratios.error());
  const auto models = kb_models(services_.models, services_.settings, name);
  const auto now = services_.now();
  const auto draft = services_.knowledge.draft(name, std::move(*documents), now, *policy);
  if (!draft) return error_response(400, draft.error().message);
  if (!draft->missing_texts.empty()) return missing_response(*draft, name);
  auto answer = describe(*draft, models, *ratios, now);
  const auto fits = check_fit(*draft, models, *ratios);
  answer["refused"] = fits ? json::value(nullptr) : json::value(fits.error().message);
  return json_response(200, answer);
}

AdminResponse AdminKbs::remove(std::string_view name) {
  const auto removed = services_.knowledge.remove(name);
  if (!removed) return failed_response(removed.error());
  if (!*removed) return error_response(404, fmt::format("there is no knowledge base '{}'", name));
  json::array attached_by;
  for (const auto& key : services_.settings.keys_that_attach(name)) attached_by.emplace_back(key);
  return json_response(200, {{"removed", name}, {"still_attached_by", std::move(attached_by)}});
}

}  // namespace foreword::proxy
