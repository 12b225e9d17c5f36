#include "proxy/admin_kbs.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/kb_cost.h"
#include "cache/savings.h"
#include "config/kb_set.h"
#include "config/load.h"
#include "proxy/admin_json.h"
#include "proxy/free_memory.h"
#include "proxy/kb_costs.h"
#include "proxy/prewarm.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

/// An empty body is an empty object.
config::Result<json::object> read_object(std::string_view body) {
  if (body.empty()) return json::object();
  boost::system::error_code failure;
  auto parsed = json::parse(json::string_view(body.data(), body.size()), failure);
  if (failure) return config::Error{"the body is not JSON: " + failure.message()};
  if (!parsed.is_object()) return config::Error{"the body has to be a JSON object"};
  return std::move(parsed.get_object());
}

/// Nothing: there is none of that name.
std::optional<std::string_view> string_of(const json::value& item, std::string_view name) {
  const auto* object = item.if_object();
  const auto* value = object != nullptr ? object->if_contains({name.data(), name.size()}) : nullptr;
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string().data(), value->get_string().size());
}

/// "documents": [{"path": ..., "text": ...}, ...]; in place of a text that the store has, "hash".
config::Result<std::vector<RawDocument>> read_documents(json::object& root) {
  auto* list = root.if_contains("documents");
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

/// ["claude-sonnet-5-5", ...]
config::Result<std::vector<std::string>> read_models(const json::value& list) {
  std::vector<std::string> models;
  const config::Error wrong{R"("prewarm" has to be a list of models' names)"};
  if (!list.is_array()) return wrong;
  for (const auto& name : list.get_array()) {
    if (!name.is_string()) return wrong;
    models.emplace_back(name.get_string());
  }
  return models;
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

constexpr std::string_view kNoKbName =
    "a knowledge base's name has letters, digits, '.', '_' and '-', at most 64, and is not 'none'";

void add(json::object& to, json::object members) {
  for (auto& [key, value] : members) to[key] = std::move(value);
}

/// A draft, what it changes and what it costs.
json::object describe(const KbDraft& draft, const KbModels& models, const KbTokens& tokens,
                      config::TimePoint at) {
  auto answer = to_json(draft.version, true);
  add(answer, changes_json(draft));
  add(answer, costs_json(models, tokens, draft.version, kb_sizes(draft), draft.layers_before, at));
  return answer;
}

/// Warms a new version and remembers what came of it.
class Warmth {
 public:
  Warmth(const Services& services, const std::vector<std::string>& models)
      : services_(services), models_(models) {}

  /// Empty where no model is named. Not to outlive this.
  [[nodiscard]] BeforeShown before_shown() {
    if (models_.empty()) return nullptr;
    return [this](const std::shared_ptr<const LoadedKb>& kb) {
      for (const auto& report : prewarm(services_, kb, models_)) {
        reports_.push_back(to_json(report));
      }
    };
  }
  [[nodiscard]] const json::array& reports() const { return reports_; }

 private:
  const Services& services_;
  const std::vector<std::string>& models_;
  json::array reports_;
};

/// What a draft of a large knowledge base needed lies in thousands of pieces, which the allocator
/// would keep.
class GivesBackMemory {
 public:
  GivesBackMemory() = default;
  GivesBackMemory(const GivesBackMemory&) = delete;
  GivesBackMemory& operator=(const GivesBackMemory&) = delete;
  ~GivesBackMemory() { release_free_memory(); }
};

AdminResponse unknown(std::string_view name) {
  return error_response(404, fmt::format("there is no knowledge base '{}'", name));
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
                               std::string_view query, std::string body) {
  const bool reads = method == "GET" || method == "HEAD";
  if (path == kPath) return reads ? list() : error_response(405, "this path takes GET");
  auto name = path.substr(kPath.size() + 1);
  if (const auto slash = name.find('/'); slash != std::string_view::npos) {
    const auto part = name.substr(slash + 1);
    name = name.substr(0, slash);
    if (part == "diff" && method == "POST") return diff(name, std::move(body));
    if (part == "rollback" && method == "POST") return roll_back(name, body);
    if (part == "history" && reads) return history(name);
    if (part == "documents" && reads) return export_texts(name);
    const bool known =
        part == "diff" || part == "rollback" || part == "history" || part == "documents";
    return error_response(known ? 405 : 404,
                          "a knowledge base has GET history, GET documents, POST diff and POST "
                          "rollback below it");
  }
  if (reads) return show(name);
  if (method == "PUT") return put(name, query, std::move(body));
  if (method == "DELETE") return remove(name);
  return error_response(405, "a knowledge base takes GET, PUT and DELETE");
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
  if (!kb) return unknown(name);
  const auto ratios = token_ratios();
  if (!ratios) return failed_response(ratios.error());
  const auto models = kb_models(services_.models.now(), services_.settings, name);
  auto answer = to_json(kb->version, true);
  const auto counts = known_counts(store_, models.shown, kb->version.layers);
  add(answer, costs_json(models, {*ratios, counts}, kb->version, kb_sizes(kb->version), {},
                         services_.now()));
  return json_response(200, answer);
}

config::Result<assembler::LayoutPolicy> AdminKbs::layout_policy(std::string_view name) {
  const auto now = services_.now();
  cache::TimeRange range;
  range.from = now - kRateWindow;
  services_.ledger.flush();
  const auto rows = cache::savings(store_, range, cache::GroupBy::kb);
  if (!rows) return rows.error();
  const auto settings = services_.settings.kb_named(name);
  assembler::LayoutPolicy policy;
  policy.kind = settings.layout == config::KbLayout::exact ? assembler::LayoutKind::exact
                                                           : assembler::LayoutKind::overlay;
  policy.max_stale_share = settings.max_stale_percent / 100.0;
  policy.requests_per_day = requests_per_day(*rows, name, now);
  const auto models = kb_models(services_.models.now(), services_.settings, name);
  if (models.named && !models.shown.empty()) {
    const auto kb = services_.knowledge.find(name);
    const auto bytes = kb ? kb->version.text_bytes() : 0;
    const auto tokens = static_cast<double>(bytes) / models.shown.front()->bytes_per_token;
    const auto prices = cache::cache_prices(models.shown, static_cast<std::uint64_t>(tokens), now);
    policy.write_price = prices.write;
    policy.read_price = prices.read;
  }
  return policy;
}

config::Result<cache::TokenRatios> AdminKbs::token_ratios() {
  services_.ledger.flush();
  return cache::read_token_ratios(store_, services_.models.now(), text_share(services_.knowledge));
}

KbCounts AdminKbs::count(const KbDraft& draft, const KbModels& models) {
  const auto& layers = draft.version.layers;
  if (models.named && draft.changed) {
    return count_tokens(services_, store_, models.shown, layers, draft.content.escaped_layers);
  }
  const auto shown = services_.knowledge.find(draft.version.name);
  if (models.named && shown && shown->version.layers == layers) {
    return count_tokens(services_, store_, models.shown, layers, shown->layers);
  }
  return known_counts(store_, models.shown, layers);
}

std::optional<AdminResponse> AdminKbs::read_proposal(std::string_view name, std::string body,
                                                     Proposal& proposal) {
  if (!config::is_kb_name(name)) return error_response(400, kNoKbName);
  auto root = read_object(body);
  body = std::string();  // it is in `root` now, and can be hundreds of megabytes
  if (!root) return error_response(400, root.error().message);
  auto to_warm = models_to_warm(*root, name);
  if (!to_warm) return error_response(400, to_warm.error().message);
  auto documents = read_documents(*root);
  if (!documents) return error_response(400, documents.error().message);
  const auto policy = layout_policy(name);
  if (!policy) return failed_response(policy.error());
  auto ratios = token_ratios();
  if (!ratios) return failed_response(ratios.error());
  proposal.documents = std::move(*documents);
  proposal.policy = *policy;
  proposal.ratios = std::move(*ratios);
  proposal.models = kb_models(services_.models.now(), services_.settings, name);
  proposal.to_warm = std::move(*to_warm);
  return std::nullopt;
}

AdminResponse AdminKbs::put(std::string_view name, std::string_view query, std::string body) {
  const GivesBackMemory at_the_end;
  Proposal proposal(services_.models.now());
  if (auto refused = read_proposal(name, std::move(body), proposal)) return *refused;
  const bool any_size = query_parameter(query, "allow_oversize") == "true";
  KbCounts counts;
  const KbTokens tokens{proposal.ratios, counts};
  const auto check = [&](const KbDraft& draft) -> config::Result<void> {
    counts = count(draft, proposal.models);
    if (any_size) return {};
    return check_fit(draft, proposal.models, tokens);
  };
  const auto now = services_.now();
  Warmth warmth(services_, proposal.to_warm);
  const auto published = services_.knowledge.publish(name, std::move(proposal.documents), now,
                                                     proposal.policy, check, warmth.before_shown());
  if (!published) return error_response(400, published.error().message);
  if (!published->missing_texts.empty()) return missing_response(*published, name);
  if (!published->changed) counts = count(*published, proposal.models);
  auto answer = describe(*published, proposal.models, tokens, now);
  answer["prewarmed"] = warmth.reports();
  return json_response(200, answer);
}

AdminResponse AdminKbs::diff(std::string_view name, std::string body) {
  const GivesBackMemory at_the_end;
  Proposal proposal(services_.models.now());
  if (auto refused = read_proposal(name, std::move(body), proposal)) return *refused;
  const auto now = services_.now();
  const auto draft =
      services_.knowledge.draft(name, std::move(proposal.documents), now, proposal.policy);
  if (!draft) return error_response(400, draft.error().message);
  if (!draft->missing_texts.empty()) return missing_response(*draft, name);
  const auto counts = count(*draft, proposal.models);
  const KbTokens tokens{proposal.ratios, counts};
  auto answer = describe(*draft, proposal.models, tokens, now);
  const auto fits = check_fit(*draft, proposal.models, tokens);
  answer["refused"] = fits ? json::value(nullptr) : json::value(fits.error().message);
  return json_response(200, answer);
}

config::Result<std::vector<std::string>> AdminKbs::models_to_warm(const json::object& root,
                                                                  std::string_view name) const {
  if (const auto* named = root.if_contains("prewarm")) return read_models(*named);
  return services_.settings.kb_named(name).models;
}

AdminResponse AdminKbs::history(std::string_view name) const {
  const auto entries = services_.knowledge.history(name);
  if (!entries) return failed_response(entries.error());
  if (entries->empty()) return unknown(name);
  json::array list;
  for (const auto& entry : *entries) {
    auto line = to_json(entry);
    line["current"] = list.empty();
    list.push_back(std::move(line));
  }
  return json_response(200, {{"name", name}, {"versions", std::move(list)}});
}

AdminResponse AdminKbs::roll_back(std::string_view name, std::string_view body) {
  const auto root = read_object(body);
  if (!root) return error_response(400, root.error().message);
  const auto to_warm = models_to_warm(*root, name);
  if (!to_warm) return error_response(400, to_warm.error().message);
  std::optional<std::string> version;
  if (const auto* given = root->if_contains("version")) {
    if (!given->is_string()) return error_response(400, "\"version\" has to be a string");
    version = std::string(given->get_string());
  }
  if (!services_.knowledge.find(name)) return unknown(name);
  Warmth warmth(services_, *to_warm);
  const auto published =
      services_.knowledge.roll_back(name, version, services_.now(), warmth.before_shown());
  if (!published) return error_response(400, published.error().message);
  auto answer = to_json(published->version, true);
  answer["changed"] = published->changed;
  answer["rewritten_bytes"] = published->rewritten_bytes();
  answer["prewarmed"] = warmth.reports();
  return json_response(200, answer);
}

AdminResponse AdminKbs::export_texts(std::string_view name) const {
  const auto kb = services_.knowledge.find(name);
  if (!kb) return unknown(name);
  json::array list;
  for (const auto& document : kb->version.documents) {
    const auto text = cache::get_document(store_, document.hash);
    if (!text) return failed_response(text.error());
    list.push_back({{"path", document.path}, {"text", *text}});
  }
  return json_response(200, {{"name", name}, {"documents", std::move(list)}});
}

AdminResponse AdminKbs::remove(std::string_view name) {
  const auto removed = services_.knowledge.remove(name);
  if (!removed) return failed_response(removed.error());
  if (!*removed) return unknown(name);
  json::array attached_by;
  for (const auto& key : services_.settings.keys_that_attach(name)) attached_by.emplace_back(key);
  return json_response(200, {{"removed", name}, {"still_attached_by", std::move(attached_by)}});
}

}  // namespace foreword::proxy
