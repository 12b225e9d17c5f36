#include "proxy/recognise.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cache/ledger_row.h"
#include "config/kb_set.h"
#include "config/limits.h"
#include "config/load.h"

namespace foreword::proxy {
namespace {

using config::Operation;
using config::Provider;

/// Takes `/NAME` off the front of a path and returns NAME; the rest starts with '/' or is empty.
std::string_view take_segment(std::string_view& path) {
  if (!path.starts_with('/')) return {};
  const auto end = path.find_first_of("/?", 1);
  const auto segment = path.substr(1, end == std::string_view::npos ? end : end - 1);
  path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  return segment;
}

/// http://host/path in a request line (a client that takes us for a forward proxy) means /path.
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!starts_with_ignoring_case(target, scheme)) continue;
    const auto end = target.find_first_of("/?", scheme.size());
    return end == std::string_view::npos ? std::string_view() : target.substr(end);
  }
  return target;
}

std::string_view without_query(std::string_view target) {
  return target.substr(0, target.find('?'));
}

/// Has the query a parameter of that name?
bool has_parameter(std::string_view target, std::string_view name) {
  auto at = target.find('?');
  while (at != std::string_view::npos) {
    const auto parameter = target.substr(at + 1);
    if (parameter.starts_with(name) && parameter.substr(name.size()).starts_with('=')) return true;
    at = target.find('&', at + 1);
  }
  return false;
}

/// For the ledger and its JSON: whatever is not printable ASCII becomes '?'.
std::string printable(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

/// The path of a prompt operation, without the slips of base URLs that are put together: a doubled
/// or a last slash, a version twice, none at all (ANTHROPIC_BASE_URL is written with and without
/// it).
std::string forgiven(std::string_view path) {
  const bool well_formed = path.find("//") == std::string_view::npos && !path.ends_with('/') &&
                           !path.starts_with("/v1/v1/");
  if (well_formed) return std::string(path);
  std::string out;
  for (const char c : path) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  while (out.starts_with("/v1/v1/")) out.erase(0, 3);
  return out;
}

/// `:method` at the end of a Gemini path; the colon may be percent-encoded.
struct GeminiMethod {
  std::string_view model;  // the last segment, without the method
  std::string_view method;
};

std::optional<GeminiMethod> gemini_method(std::string_view path) {
  const auto last = path.substr(path.rfind('/') + 1);
  if (last.find_first_of(":%") == std::string_view::npos) return std::nullopt;
  for (const std::string_view colon : {":", "%3A", "%3a"}) {
    const auto at = last.rfind(colon);
    if (at == std::string_view::npos || at == 0) continue;
    const auto method = last.substr(at + colon.size());
    if (method.ends_with("Content") || method.ends_with("Contents") || method.ends_with("Tokens")) {
      return GeminiMethod{last.substr(0, at), method};
    }
  }
  return std::nullopt;
}

bool is_gemini_path(std::string_view path) {
  return path.starts_with("/v1beta/") || path.starts_with("/v1alpha/") ||
         path.starts_with("/upload/") || path.starts_with("/ws/google.") ||
         path.starts_with("/v1/cachedContents") ||
         (path.starts_with("/v1/") && gemini_method(path).has_value());
}

Provider provider_of(std::string_view target, const Fields& fields) {
  const auto path = forgiven(without_query(target));
  if (is_gemini_path(path)) return Provider::gemini;
  if (path == "/messages" || path == "/v1/messages" || path.starts_with("/v1/messages/")) {
    return Provider::anthropic;
  }
  if (path == "/v1/chat/completions" || path == "/v1/responses") return Provider::openai;
  if (find_field(fields, FieldName::anthropic_version)) return Provider::anthropic;
  if (find_field(fields, FieldName::x_goog_api_key) || has_parameter(target, "key")) {
    return Provider::gemini;
  }
  return Provider::openai;
}

struct Prompt {
  Provider provider;
  std::string_view path;
  Operation operation;
  bool only_counts = false;
};
constexpr std::array kPrompts = {
    Prompt{Provider::anthropic, "/v1/messages", Operation::messages},
    Prompt{Provider::anthropic, "/v1/messages/count_tokens", Operation::messages, true},
    Prompt{Provider::openai, "/v1/chat/completions", Operation::chat_completions},
    Prompt{Provider::openai, "/v1/responses", Operation::responses},
};

/// Sets the path in `target`; what follows it stays.
void replace_path(std::string& target, std::string_view path) {
  target.replace(0, without_query(target).size(), path);
}

void recognise_gemini(std::string_view path, Call& call) {
  const auto found = gemini_method(path);
  if (!found || !path.starts_with("/v1")) return;
  call.path_stream = found->method == "streamGenerateContent";
  if (!call.path_stream && found->method != "generateContent") return;
  call.operation = Operation::generate_content;
  call.path_model = printable(found->model);
}

void recognise_operation(std::string_view method, Call& call) {
  const auto path = forgiven(without_query(call.target));
  if (call.upstream->provider == Provider::gemini) {
    if (method == "POST") recognise_gemini(path, call);
    if (call.operation != Operation::other) replace_path(call.target, path);
    return;
  }
  for (const auto& prompt : kPrompts) {
    if (prompt.provider != call.upstream->provider) continue;
    const bool without_version = path == prompt.path.substr(3);
    if (path != prompt.path && !without_version) continue;
    replace_path(call.target, prompt.path);
    if (method != "POST") return;
    call.operation = prompt.operation;
    call.only_counts = prompt.only_counts;
    return;
  }
}

std::optional<Failure> read_own_headers(const Fields& fields, Call& call) {
  if (const auto label = find_field(fields, FieldName::x_foreword_label)) {
    call.label = printable(label->substr(0, config::limits::kMaxLabelBytes));
    if (call.label.starts_with(cache::kOwnLabels)) {
      return Failure(FailureCode::bad_request,
                     "X-Foreword-Label begins with foreword/, which is for requests of Foreword's "
                     "own: choose another label");
    }
  }
  if (const auto text = find_field(fields, FieldName::x_foreword_mode)) {
    const auto mode = config::parse_mode(*text);
    if (!mode) {
      return Failure(FailureCode::bad_request,
                     "X-Foreword-Mode is none of off, observe, optimize: correct the header");
    }
    call.mode = *mode;
  }
  return std::nullopt;
}

/// Any Gemini method: what is embedded or counted names its model there too.
void resolve_path_alias(const config::Settings& settings, Call& call) {
  if (call.upstream->provider != Provider::gemini) return;
  const auto path = without_query(call.target);
  const auto found = gemini_method(path);
  const auto* model = found ? settings.model_of_alias(found->model) : nullptr;
  if (model == nullptr) return;
  call.path_alias = found->model;
  if (!call.path_model.empty()) call.path_model = *model;
  const auto at = static_cast<std::size_t>(found->model.data() - path.data());
  call.target.replace(at, call.path_alias.size(), *model);
}

/// "handbook%2Bpolicies" from a client that encodes what it need not.
std::string with_plus(std::string_view in_path) {
  std::string names(in_path);
  for (const std::string_view encoded : {"%2B", "%2b"}) {
    for (auto at = names.find(encoded); at != std::string::npos; at = names.find(encoded, at)) {
      names.replace(at, encoded.size(), "+");
    }
  }
  return names;
}

std::string wanted_kbs(const Fields& fields, const std::optional<std::string_view>& in_path,
                       std::string_view label, const config::Settings& settings) {
  if (const auto kbs = find_field(fields, FieldName::x_foreword_kb)) return std::string(*kbs);
  if (in_path) return with_plus(*in_path);
  const auto of_label = settings.kbs_attached_to(label);
  return of_label.empty() ? settings.proxy.kb : config::join_kb_set(of_label);
}

/// The one way to write a set; or why it is none.
std::optional<Failure> settle_kbs(std::string& kbs) {
  if (kbs.empty() || config::is_kb_name(kbs)) return std::nullopt;
  if (kbs == "none") {
    kbs.clear();
    return std::nullopt;
  }
  const auto names = config::split_kb_set(kbs);
  if (!std::ranges::all_of(names, config::is_kb_name)) {
    return Failure(FailureCode::unknown_kb, "the knowledge base's name is not a valid one");
  }
  if (names.size() > config::limits::kMaxKbsPerRequest) {
    return Failure(FailureCode::bad_request,
                   fmt::format("the request names {} knowledge bases, and may have {}: name fewer, "
                               "or load some as one",
                               names.size(), config::limits::kMaxKbsPerRequest));
  }
  kbs = config::join_kb_set(names);
  return std::nullopt;
}

}  // namespace

std::optional<Failure> recognise(const RequestHead& head, const config::Settings& settings,
                                 Call& call) {
  std::string_view target = origin_form(head.target);
  call.mode = settings.proxy.mode;
  std::optional<std::string_view> kb_in_path;
  while (true) {
    std::string_view rest = target;
    const auto segment = take_segment(rest);
    if (segment == "kb" && !kb_in_path) {
      kb_in_path = take_segment(rest);
      target = rest;
    } else if (const auto* named = call.upstream ? nullptr : settings.upstream_named(segment)) {
      call.upstream = named;
      target = rest;
    } else {
      break;
    }
  }
  call.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  const auto provider =
      call.upstream ? call.upstream->provider : provider_of(call.target, head.fields);
  if (!call.upstream) call.upstream = settings.upstream_for(provider);
  if (!call.upstream) {
    return Failure(FailureCode::unknown_upstream,
                   fmt::format("no upstream of provider {} is configured: add [upstream.{}]",
                               config::name_of(provider), config::name_of(provider)));
  }
  recognise_operation(head.method, call);
  if (auto failure = read_own_headers(head.fields, call)) return failure;
  call.may_name_alias = !settings.aliases.empty() && call.mode != config::Mode::off;
  if (call.may_name_alias) resolve_path_alias(settings, call);
  if (kb_in_path && kb_in_path->empty()) {
    return Failure(FailureCode::unknown_kb,
                   "the base URL names no knowledge base behind /kb/: is a variable not set?");
  }
  call.kb = wanted_kbs(head.fields, kb_in_path, call.label, settings);
  return settle_kbs(call.kb);
}

}  // namespace foreword::proxy
