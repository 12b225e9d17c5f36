#include "config/load.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "config/fields.h"
#include "config/load_aliases.h"
#include "config/load_kbs.h"
#include "config/seal_key.h"
#include "config/suggest.h"
#include "config/toml_source.h"

namespace foreword::config {
namespace {

/// Sections that hold one section for each name.
constexpr std::string_view kUpstreamSection = "upstream";
constexpr std::string_view kKbSection = "kb";
/// Holds names of the operator's own.
constexpr std::string_view kAliasSection = "alias";
constexpr std::array<std::string_view, 7> kSections{"proxy",    "admin", "store", "distill",
                                                    "finetune", "otlp",  "log"};
/// First parts of paths that clients send: an upstream's name is one too.
constexpr std::array<std::string_view, 7> kReservedNames{"kb",   "v1",        "v1beta", "messages",
                                                         "chat", "responses", "upload"};

struct PublicUpstream {
  Provider provider;
  std::string_view host;
};
constexpr std::array kPublicUpstreams{
    PublicUpstream{Provider::anthropic, "api.anthropic.com"},
    PublicUpstream{Provider::openai, "api.openai.com"},
    PublicUpstream{Provider::gemini, "generativelanguage.googleapis.com"},
};

bool is_upstream_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= limits::kMaxUpstreamNameBytes &&
         std::ranges::all_of(name, allowed) &&
         std::ranges::find(kReservedNames, name) == kReservedNames.end();
}

std::string named_key(std::string_view section, std::string_view name, std::string_view field) {
  return std::string(section) + '.' + std::string(name) + '.' + std::string(field);
}

std::string upstream_key(std::string_view name, std::string_view field) {
  return named_key(kUpstreamSection, name, field);
}

std::string joined(std::span<const std::string> path) {
  std::string key;
  for (const auto& part : path) key += (key.empty() ? "" : ".") + part;
  return key;
}

/// The name in "kb.NAME.layout". It may hold dots, quoted in a file or not.
std::string kb_name_of(const Assignment& assignment) {
  const std::span<const std::string> path = assignment.path;
  const auto parts = path.size() - (assignment.is_empty_section ? 1 : 2);
  return joined(path.subspan(1, parts));
}

template <class Target>
const Field<Target>* find_field(const std::vector<Field<Target>>& rows, std::string_view key) {
  const auto row = std::ranges::find(rows, key, &Field<Target>::key);
  return row == rows.end() ? nullptr : &*row;
}

/// Applies assignments one by one, remembers where each value came from, collects what is wrong.
class Loader {
 public:
  explicit Loader(const LoadRequest& request) : request_(request) {
    for (const auto& [provider, host] : kPublicUpstreams) {
      auto& upstream = settings_.upstreams.emplace_back();
      upstream.name = name_of(provider);
      upstream.provider = provider;
      upstream.base_url.host = host;
    }
  }

  Result<LoadedSettings> load() {
    std::vector<Assignment> assignments;
    if (request_.file) read_settings_file(*request_.file, assignments, problems_);
    for (std::size_t i = 0; i < request_.overrides.size(); ++i) {
      read_override(request_.overrides[i], i + 1, assignments, problems_);
    }
    for (const auto& assignment : assignments) apply(assignment);
    finish_upstreams();
    finish_kbs();
    finish_aliases();
    finish_store_path();
    check_tls();
    check_admin();
    check_otlp();
    check_upstream_keys();
    check_distill();
    if (!problems_.empty()) return Error{one_per_line(problems_)};
    return LoadedSettings{settings_, lines()};
  }

 private:
  struct Source {
    std::string place;
    std::string origin;
  };

  static std::string one_per_line(const std::vector<std::string>& problems) {
    std::string text;
    for (const auto& problem : problems) text += (text.empty() ? "" : "\n") + problem;
    return text;
  }

  void apply(const Assignment& assignment) {
    const auto& path = assignment.path;
    const auto key = joined(path);
    if (assignment.is_empty_section && path.size() == 1 && is_section(path[0])) return;
    if (path.size() >= 2 && path[0] == kUpstreamSection &&
        (path.size() == 3 || assignment.is_empty_section)) {
      return apply_to_upstream(assignment, key);
    }
    if (path.size() >= (assignment.is_empty_section ? 2 : 3) && path[0] == kKbSection) {
      return apply_to_kb(assignment, key);
    }
    if (path.size() >= 2 && path[0] == kAliasSection && !assignment.is_empty_section) {
      return apply_alias(assignment, key);
    }
    const auto* field = assignment.is_empty_section ? nullptr : find_field(fields(), key);
    if (path.size() != 2 || field == nullptr) return report_unknown(assignment, key);
    set(*field, settings_, assignment, key);
  }

  static bool is_section(std::string_view name) {
    return name == kUpstreamSection || name == kKbSection || name == kAliasSection ||
           std::ranges::find(kSections, name) != kSections.end();
  }

  void apply_to_upstream(const Assignment& assignment, const std::string& key) {
    const auto& name = assignment.path[1];
    if (!is_upstream_name(name)) {
      problems_.push_back(assignment.place + ": '" + printable(name) +
                          "' cannot name an upstream; use up to 64 of a-z, 0-9, _ and -, and not " +
                          "kb, v1, v1beta, messages, chat, responses or upload");
      return;
    }
    auto known = std::ranges::find(settings_.upstreams, name, &UpstreamSettings::name);
    if (known == settings_.upstreams.end()) {
      known = settings_.upstreams.emplace(known);
      known->name = name;
      sources_[upstream_key(name, "")] = {assignment.place, assignment.origin};
    }
    if (assignment.path.size() == 2) return;
    const auto* field = find_field(upstream_fields(), assignment.path[2]);
    if (field == nullptr || assignment.path.size() != 3 || assignment.is_empty_section) {
      return report_unknown(assignment, key);
    }
    set(*field, *known, assignment, key);
  }

  void apply_to_kb(const Assignment& assignment, const std::string& key) {
    const auto name = kb_name_of(assignment);
    if (!is_kb_name(name)) {
      problems_.push_back(assignment.place + ": '" + printable(name) +
                          "' cannot name a knowledge base; use up to 64 letters, digits, '.', '_' "
                          "and '-', and not none");
      return;
    }
    auto known = std::ranges::find(settings_.kbs, name, &KbSettings::name);
    if (known == settings_.kbs.end()) {
      known = settings_.kbs.emplace(known);
      known->name = name;
    }
    if (assignment.is_empty_section) return;
    const auto* field = find_field(kb_fields(), assignment.path.back());
    if (field == nullptr) return report_unknown(assignment, key);
    set(*field, *known, assignment, key);
  }

  void apply_alias(const Assignment& assignment, const std::string& key) {
    const std::span<const std::string> path = assignment.path;
    const auto name = joined(path.subspan(1));
    const auto* model = assignment.value ? std::get_if<std::string>(&*assignment.value) : nullptr;
    if (!is_model_name(name) || model == nullptr || !is_model_name(*model)) {
      problems_.push_back(assignment.place + ": '" + printable(key) +
                          "' has to be a name and a model in quotes, each up to 128 letters, "
                          "digits, '.', '_', '-', '/', ':' and '@'");
      return;
    }
    sources_[key] = {assignment.place, assignment.origin};
    const auto known = std::ranges::find(settings_.aliases, name, &ModelAlias::name);
    if (known == settings_.aliases.end()) {
      settings_.aliases.push_back({name, *model});
    } else {
      known->model = *model;
    }
  }

  template <class Target>
  void set(const Field<Target>& field, Target& target, const Assignment& assignment,
           const std::string& key) {
    sources_[key] = {assignment.place, assignment.origin};
    if (!assignment.value || !field.set(target, *assignment.value)) {
      rejected_.insert(key);
      problems_.push_back(assignment.place + ": " + key + " must be " + field.expects);
    } else {
      rejected_.erase(key);
    }
  }

  void report_unknown(const Assignment& assignment, const std::string& key) {
    std::vector<std::string> known;
    for (const auto& field : fields()) known.push_back(field.key);
    for (const auto section : kSections) known.emplace_back(section);
    known.emplace_back(kUpstreamSection);
    known.emplace_back(kKbSection);
    known.emplace_back(kAliasSection);
    if (assignment.path.size() >= 3) {
      const std::span<const std::string> path = assignment.path;
      const auto name = joined(path.subspan(1, path.size() - 2));
      for (const auto& field : upstream_fields()) known.push_back(upstream_key(name, field.key));
      for (const auto& field : kb_fields()) {
        known.push_back(named_key(kKbSection, name, field.key));
      }
    }
    const auto* what = assignment.is_empty_section ? "section" : "setting";
    auto problem = assignment.place + ": unknown " + what + " '" + printable(key) + "'";
    if (const auto near = suggest(key, known)) {
      problem += "; did you mean '" + printable(*near) + "'?";
    } else {
      problem += "; foreword.example.toml names them all";
    }
    problems_.push_back(std::move(problem));
  }

  /// Where a value was set, for an error about it; a default has no place but its name.
  [[nodiscard]] std::string place_of(const std::string& key) const {
    const auto source = sources_.find(key);
    return source == sources_.end() ? std::string("settings") : source->second.place;
  }

  void finish_upstreams() {
    for (auto& upstream : settings_.upstreams) {
      const auto fixed = parse_provider(upstream.name);
      if (fixed && upstream.provider != *fixed) {
        const auto key = upstream_key(upstream.name, "provider");
        problems_.push_back(place_of(key) + ": " + key + " must be \"" + upstream.name +
                            "\", as its name says; give another upstream another name");
      }
      require(upstream, "provider", upstream.provider == Provider{});
      require(upstream, "base_url", upstream.base_url.host.empty());
      strip_openai_version(upstream);
    }
    const auto first_own = settings_.upstreams.begin() + kPublicUpstreams.size();
    std::sort(first_own, settings_.upstreams.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  void finish_kbs() {
    std::ranges::sort(settings_.kbs, {}, &KbSettings::name);
    for (const auto& problem : problems_of_kbs(settings_.kbs, settings_.upstreams)) {
      const auto key = named_key(kKbSection, problem.kb, problem.field);
      problems_.push_back(place_of(key) + ": " + key + " " + problem.text);
    }
  }

  void finish_aliases() {
    const bool knows_all_models = settings_.upstreams.size() == kPublicUpstreams.size();
    for (const auto& problem : resolve_aliases(settings_.aliases, knows_all_models)) {
      const auto key = std::string(kAliasSection) + '.' + problem.alias;
      problems_.push_back(place_of(key) + ": " + key + " " + problem.text);
    }
  }

  void require(const UpstreamSettings& upstream, std::string_view field, bool missing) {
    const auto key = upstream_key(upstream.name, field);
    if (!missing || rejected_.contains(key)) return;  // a rejected value is one problem already
    problems_.push_back(place_of(upstream_key(upstream.name, "")) + ": upstream '" + upstream.name +
                        "' needs " + std::string(field) + "; set " + key);
  }

  /// OpenAI's SDKs and every compatible server document a base URL with /v1 at its end, and clients
  /// of the proxy send /v1 themselves: with both, every path would have it twice.
  static void strip_openai_version(UpstreamSettings& upstream) {
    constexpr std::string_view kVersion = "/v1";
    auto& path = upstream.base_url.path;
    if (upstream.provider == Provider::openai && path.ends_with(kVersion)) {
      path.resize(path.size() - kVersion.size());
    }
  }

  [[nodiscard]] std::string environment(std::string_view name) const {
    if (!request_.environment) return {};
    return request_.environment(name).value_or("");
  }

  void finish_store_path() {
    auto& path = settings_.store.path;
    if (!path.empty()) return;
    const std::filesystem::path data_home = environment("XDG_DATA_HOME");
    const std::filesystem::path home = environment("HOME");
    // The XDG specification: a relative path there is invalid, and ignored.
    if (data_home.is_absolute()) {
      path = data_home / "foreword";
    } else if (!home.empty()) {
      path = home / ".local" / "share" / "foreword";
    } else {
      problems_.push_back(place_of("store.path") +
                          ": store.path has no default without XDG_DATA_HOME or HOME; set it");
    }
  }

  void check_tls() {
    const auto& proxy = settings_.proxy;
    if (proxy.tls_certificate.empty() == proxy.tls_key.empty()) return;
    const bool no_key = proxy.tls_key.empty();
    const std::string there = no_key ? "proxy.tls_certificate" : "proxy.tls_key";
    const std::string missing = no_key ? "proxy.tls_key" : "proxy.tls_certificate";
    problems_.push_back(place_of(there) + ": " + there + " needs " + missing +
                        " beside it; set both or neither");
  }

  void check_admin() {
    const auto& admin = settings_.admin;
    if (!admin.token_env.empty() && environment(admin.token_env).empty()) {
      // The name is not repeated: a token written here by mistake must not reach a log.
      problems_.push_back(place_of("admin.token_env") +
                          ": admin.token_env names an environment variable that is not set or is "
                          "empty; export it before starting");
    }
    if (admin.token_env.empty() && !is_loopback(admin.listen)) {
      problems_.push_back(place_of("admin.listen") + ": admin.listen is open to other machines (" +
                          to_text(admin.listen) +
                          ") without a token; set admin.token_env, or listen on 127.0.0.1");
    }
    if (admin.listen.port != 0 && admin.listen == settings_.proxy.listen) {
      problems_.push_back(place_of("admin.listen") +
                          ": admin.listen and proxy.listen are the same address (" +
                          to_text(admin.listen) + "); give one another port");
    }
  }

  void check_otlp() {
    const auto& name = settings_.otlp.headers_env;
    if (name.empty() || !environment(name).empty()) return;
    problems_.push_back(place_of("otlp.headers_env") +
                        ": otlp.headers_env names an environment variable that is not set or is "
                        "empty; export it before starting");
  }

  void check_upstream_keys() {
    for (const auto& upstream : settings_.upstreams) {
      if (upstream.api_key_env.empty() || !environment(upstream.api_key_env).empty()) continue;
      const auto key = upstream_key(upstream.name, "api_key_env");
      // The name is not repeated, as with admin.token_env.
      problems_.push_back(place_of(key) + ": " + key +
                          " names an environment variable that is not set or is empty; export it "
                          "before starting");
    }
  }

  /// Without a key nothing may be captured; a key without labels reads what was captured before.
  void check_distill() {
    const auto& [labels, key_env, max_bytes] = settings_.distill;
    const std::string key = "distill.key_env";
    if (key_env.empty()) {
      if (labels.empty()) return;
      problems_.push_back(place_of("distill.labels") + ": distill.labels needs " + key +
                          ", since prompts and answers are stored sealed or not at all; name a "
                          "variable that holds " +
                          std::string(kSealKeyForm));
    } else if (const auto secret = environment(key_env); secret.empty()) {
      // The name is not repeated, as with admin.token_env.
      problems_.push_back(place_of(key) + ": " + key +
                          " names an environment variable that is not set or is empty; export it "
                          "before starting");
    } else if (!parse_seal_key(secret)) {
      problems_.push_back(place_of(key) + ": what " + key + " names holds no key; it has to be " +
                          std::string(kSealKeyForm));
    }
  }

  [[nodiscard]] SettingLine line(const std::string& key, const Value& value) const {
    const auto source = sources_.find(key);
    return {key, to_toml(value), source == sources_.end() ? "default" : source->second.origin};
  }

  [[nodiscard]] std::vector<SettingLine> lines() const {
    std::vector<SettingLine> all;
    for (const auto& field : fields()) all.push_back(line(field.key, field.get(settings_)));
    for (const auto& upstream : settings_.upstreams) {
      for (const auto& field : upstream_fields()) {
        all.push_back(line(upstream_key(upstream.name, field.key), field.get(upstream)));
      }
    }
    for (const auto& kb : settings_.kbs) {
      for (const auto& field : kb_fields()) {
        all.push_back(line(named_key(kKbSection, kb.name, field.key), field.get(kb)));
      }
    }
    for (const auto& alias : settings_.aliases) {
      all.push_back(line(std::string(kAliasSection) + '.' + alias.name, alias.model));
    }
    return all;
  }

  const LoadRequest& request_;
  Settings settings_;
  std::map<std::string, Source> sources_;  // by full key; "upstream.NAME." is its first mention
  std::set<std::string> rejected_;         // keys whose last value was refused
  std::vector<std::string> problems_;
};

}  // namespace

Result<LoadedSettings> load_settings(const LoadRequest& request) {
  return Loader(request).load();
}

}  // namespace foreword::config
