#include "proxy/recognise.h"

#include <utility>

#include <fmt/format.h>

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
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const auto slash = target.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
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

bool is_gemini_path(std::string_view path) {
  return path.starts_with("/v1beta/") || path.starts_with("/v1alpha/") ||
         path.starts_with("/upload/") || path.starts_with("/ws/google.") ||
         path.starts_with("/v1/cachedContents") ||
         (path.starts_with("/v1/models/") && path.find(':') != std::string_view::npos &&
          (path.ends_with("Content") || path.ends_with("Contents") || path.ends_with("Tokens")));
}

Provider provider_of(std::string_view target, const Fields& fields) {
  const auto path = without_query(target);
  if (is_gemini_path(path)) return Provider::gemini;
  if (path == "/messages" || path == "/v1/messages" || path.starts_with("/v1/messages/")) {
    return Provider::anthropic;
  }
  if (path == "/v1/chat/completions" || path == "/v1/responses") return Provider::openai;
  if (find_field(fields, "anthropic-version")) return Provider::anthropic;
  if (find_field(fields, "x-goog-api-key") || has_parameter(target, "key")) {
    return Provider::gemini;
  }
  return Provider::openai;
}

/// Base URLs are written with and without /v1 (WIRE facts: ANTHROPIC_BASE_URL has both meanings).
void forgive_missing_version(Provider provider, std::string& target) {
  const auto path = without_query(target);
  const bool missing =
      (provider == Provider::anthropic &&
       (path == "/messages" || path == "/messages/count_tokens")) ||
      (provider == Provider::openai && (path == "/chat/completions" || path == "/responses"));
  if (missing) target.insert(0, "/v1");
}

/// POST /{v1,v1beta}/models/MODEL:{generateContent,streamGenerateContent}
void recognise_gemini(std::string_view path, Call& call) {
  for (const std::string_view prefix : {"/v1/models/", "/v1beta/models/", "/v1alpha/models/"}) {
    if (!path.starts_with(prefix)) continue;
    const auto rest = path.substr(prefix.size());
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return;
    const auto method = rest.substr(colon + 1);
    call.path_stream = method == "streamGenerateContent";
    if (!call.path_stream && method != "generateContent") return;
    call.operation = Operation::generate_content;
    call.path_model = printable(rest.substr(0, colon));
    return;
  }
}

void recognise_operation(std::string_view method, Call& call) {
  if (method != "POST") return;
  const auto path = without_query(call.target);
  switch (call.upstream->provider) {
    case Provider::anthropic:
      if (path == "/v1/messages") call.operation = Operation::messages;
      return;
    case Provider::openai:
      if (path == "/v1/chat/completions") call.operation = Operation::chat_completions;
      if (path == "/v1/responses") call.operation = Operation::responses;
      return;
    case Provider::gemini:
      return recognise_gemini(path, call);
  }
}

std::optional<Failure> read_own_headers(const Fields& fields, Call& call) {
  if (const auto kb = find_field(fields, "x-foreword-kb")) call.kb = *kb;
  if (const auto label = find_field(fields, "x-foreword-label")) {
    call.label = printable(label->substr(0, config::limits::kMaxLabelBytes));
  }
  if (const auto text = find_field(fields, "x-foreword-mode")) {
    const auto mode = config::parse_mode(*text);
    if (!mode) {
      return Failure(FailureCode::bad_request,
                     "X-Foreword-Mode is none of off, observe, optimize: correct the header");
    }
    call.mode = *mode;
  }
  if (call.kb == "none") call.kb.clear();
  return std::nullopt;
}

}  // namespace

std::optional<Failure> recognise(const RequestHead& head, const config::Settings& settings,
                                 Call& call) {
  std::string_view target = origin_form(head.target);
  call.mode = settings.proxy.mode;
  call.kb = settings.proxy.kb;
  for (bool kb_seen = false;;) {
    std::string_view rest = target;
    const auto segment = take_segment(rest);
    if (segment == "kb" && !kb_seen) {
      const auto name = take_segment(rest);
      call.kb = name;
      kb_seen = true;
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
  forgive_missing_version(provider, call.target);
  recognise_operation(head.method, call);
  if (auto failure = read_own_headers(head.fields, call)) return failure;
  if (!call.kb.empty() && !config::is_kb_name(call.kb)) {
    return Failure(FailureCode::unknown_kb, "the knowledge base's name is not a valid one");
  }
  return std::nullopt;
}

}  // namespace foreword::proxy
