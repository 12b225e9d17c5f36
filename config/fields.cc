#include "config/fields.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <type_traits>
#include <utility>

#include "config/kb_set.h"
#include "config/load.h"
#include "config/price_text.h"

namespace foreword::config {
namespace {

using std::chrono::milliseconds;

std::int64_t as_integer(milliseconds duration) {
  return duration.count();
}
template <class Integer>
std::int64_t as_integer(Integer number) {
  return static_cast<std::int64_t>(number);
}

bool is_printable(std::string_view text) {
  return text.size() <= limits::kMaxSettingTextBytes &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Some 27 years: longer than any ledger.
constexpr std::uint32_t kMostRetentionDays = 10'000;

/// `access` names the member: it takes a Target and returns a reference into it. Durations are
/// milliseconds; their keys say so.
template <class Target, class Bound, class Access>
Field<Target> number(std::string key, Bound least, Bound most, std::string doc, Access access) {
  const auto low = as_integer(least);
  const auto high = as_integer(most);
  auto set = [=](Target& target, const Value& value) {
    using Member = std::remove_reference_t<decltype(access(target))>;
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (integer == nullptr || *integer < low || *integer > high) return false;
    access(target) = static_cast<Member>(*integer);
    return true;
  };
  auto get = [=](const Target& target) -> Value { return as_integer(access(target)); };
  auto expects = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  return {std::move(key), std::move(doc), std::move(expects), set, get};
}

/// A string that `accepts` allows, stored as it is.
template <class Target, class Accepts, class Access>
Field<Target> text(std::string key, std::string expects, Accepts accepts, std::string doc,
                   Access access) {
  auto set = [=](Target& target, const Value& value) {
    const auto* string = std::get_if<std::string>(&value);
    if (string == nullptr || !is_printable(*string) || !accepts(*string)) return false;
    access(target) = *string;
    return true;
  };
  // Built from parts, because a path converts to a string but a Value does not take a path.
  auto get = [=](const Target& target) -> Value { return std::string(access(target)); };
  return {std::move(key), std::move(doc), std::move(expects), set, get};
}

/// A string that `parse` turns into the member (a Result or an optional), and `format` back.
template <class Target, class Parse, class Format, class Access>
Field<Target> parsed(std::string key, std::string expects, Parse parse, Format format,
                     std::string doc, Access access) {
  auto set = [=](Target& target, const Value& value) {
    const auto* string = std::get_if<std::string>(&value);
    if (string == nullptr) return false;
    auto result = parse(*string);
    if (!result) return false;
    access(target) = *std::move(result);
    return true;
  };
  auto get = [=](const Target& target) -> Value { return std::string(format(access(target))); };
  return {std::move(key), std::move(doc), std::move(expects), set, get};
}

/// A list of strings that `accepts` allows, each stored as it is.
template <class Target, class Accepts, class Access>
Field<Target> list(std::string key, std::string expects, Accepts accepts, std::string doc,
                   Access access) {
  auto set = [=](Target& target, const Value& value) {
    const auto* strings = std::get_if<std::vector<std::string>>(&value);
    if (strings == nullptr || strings->size() > limits::kMaxSettingElements) return false;
    const auto good = [&](const auto& string) { return is_printable(string) && accepts(string); };
    if (!std::ranges::all_of(*strings, good)) return false;
    access(target) = *strings;
    return true;
  };
  auto get = [=](const Target& target) -> Value { return access(target); };
  return {std::move(key), std::move(doc), std::move(expects), set, get};
}

template <class Access>
Field<Settings> wait(std::string key, std::string doc, Access access) {
  return number<Settings>(std::move(key), limits::kShortestWait, limits::kLongestWait,
                          std::move(doc), access);
}

template <class Access>
Field<Settings> endpoint(std::string key, std::string doc, Access access) {
  return parsed<Settings>(
      std::move(key), std::string(kEndpointForm), parse_endpoint,
      [](const Endpoint& value) { return to_text(value); }, std::move(doc), access);
}

bool any(std::string_view) {
  return true;
}

bool is_empty_or_kb_set(std::string_view names) {
  return names.empty() || is_kb_set(names);
}

bool is_not_empty(std::string_view text) {
  return !text.empty();
}

/// What the label of a request can be.
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= limits::kMaxLabelBytes &&
         std::ranges::all_of(label, [](char c) { return c >= ' ' && c <= '~'; });
}

/// "label:TEXT".
bool is_attachment(std::string_view rule) {
  return rule.starts_with(kLabelRule) && is_label(rule.substr(kLabelRule.size()));
}

bool is_empty_or_variable(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return name.empty() ||
         (std::ranges::all_of(name, allowed) && !(name.front() >= '0' && name.front() <= '9'));
}

bool is_level(std::string_view name) {
  constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info",
                                                    "warn",  "error", "off"};
  return std::ranges::find(kLevels, name) != kLevels.end();
}

bool is_format(std::string_view name) {
  return name == "console" || name == "json";
}

std::vector<Field<Settings>> proxy_fields() {
  return {
      endpoint(
          "proxy.listen", "Where clients connect; port 0 takes a free one.",
          [](auto& s) -> auto& { return s.proxy.listen; }),
      text<Settings>(
          "proxy.tls_certificate", "the path of a PEM file, or empty", any,
          "PEM file of the certificate chain, for https to clients; empty: plain http.",
          [](auto& s) -> auto& { return s.proxy.tls_certificate; }),
      text<Settings>(
          "proxy.tls_key", "the path of a PEM file, or empty", any,
          "PEM file of its private key, without a passphrase.",
          [](auto& s) -> auto& { return s.proxy.tls_key; }),
      number<Settings>(
          "proxy.threads", std::uint32_t{0}, limits::kMaxThreads,
          "Threads that serve requests; 0 is one per core.",
          [](auto& s) -> auto& { return s.proxy.threads; }),
      parsed<Settings>(
          "proxy.mode", R"("off", "observe" or "optimize")", parse_mode,
          [](Mode mode) { return name_of(mode); },
          "What is done to requests that do not say: off, observe or optimize.",
          [](auto& s) -> auto& { return s.proxy.mode; }),
      text<Settings>(
          "proxy.kb", "the name of a knowledge base, several joined by '+', or empty",
          is_empty_or_kb_set, "Knowledge base for requests that name none; empty: none.",
          [](auto& s) -> auto& { return s.proxy.kb; }),
      number<Settings>(
          "proxy.max_head_bytes", limits::kLeastMaxHeadBytes, limits::kMostMaxHeadBytes,
          "Request line and headers larger than this are refused with 431.",
          [](auto& s) -> auto& { return s.proxy.max_head_bytes; }),
      number<Settings>(
          "proxy.max_body_bytes", limits::kLeastMaxBodyBytes, limits::kMostMaxBodyBytes,
          "A prompt larger than this is refused with 413.",
          [](auto& s) -> auto& { return s.proxy.max_body_bytes; }),
      number<Settings>(
          "proxy.max_buffered_bytes", limits::kLeastMaxBodyBytes, limits::kMostMaxBufferedBytes,
          "Prompts in memory at one time, all together; what goes beyond is refused with 503.",
          [](auto& s) -> auto& { return s.proxy.max_buffered_bytes; }),
      number<Settings>(
          "proxy.max_connections", std::size_t{1}, limits::kMostMaxConnections,
          "Client connections open at one time.",
          [](auto& s) -> auto& { return s.proxy.max_connections; }),
  };
}

std::vector<Field<Settings>> wait_fields() {
  return {
      wait(
          "proxy.connect_timeout_ms", "To resolve, connect and finish TLS with an upstream.",
          [](auto& s) -> auto& { return s.proxy.connect_timeout; }),
      wait(
          "proxy.first_byte_timeout_ms", "From the request's last byte to the answer's first.",
          [](auto& s) -> auto& { return s.proxy.first_byte_timeout; }),
      wait(
          "proxy.gate_max_wait_ms",
          "For another request that writes the same knowledge base to the provider's cache.",
          [](auto& s) -> auto& { return s.proxy.gate_max_wait; }),
      wait(
          "proxy.idle_timeout_ms", "Between two pieces of an answer.",
          [](auto& s) -> auto& { return s.proxy.idle_timeout; }),
      wait(
          "proxy.request_timeout_ms", "For a client to send its head, and between body pieces.",
          [](auto& s) -> auto& { return s.proxy.request_timeout; }),
      wait(
          "proxy.total_timeout_ms", "For a request from its head to its answer's last byte.",
          [](auto& s) -> auto& { return s.proxy.total_timeout; }),
      wait(
          "proxy.keep_alive_timeout_ms", "A client connection without a request is closed.",
          [](auto& s) -> auto& { return s.proxy.keep_alive_timeout; }),
      wait(
          "proxy.drain_timeout_ms", "For running requests to finish at shutdown.",
          [](auto& s) -> auto& { return s.proxy.drain_timeout; }),
  };
}

/// Empty: none.
Result<std::optional<BaseUrl>> parse_otlp_endpoint(std::string_view text) {
  if (text.empty()) return std::optional<BaseUrl>();
  auto url = parse_base_url(text);
  if (!url) return url.error();
  return std::optional<BaseUrl>(std::move(*url));
}

std::optional<std::uint32_t> parse_ratio(std::string_view text) {
  constexpr Millionths kAll = 1'000'000;
  const auto number = parse_millionths(text);
  if (!number || *number < 0 || *number > kAll) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

std::vector<Field<Settings>> otlp_fields() {
  return {
      parsed<Settings>(
          "otlp.endpoint", "empty, or " + std::string(kBaseUrlForm), parse_otlp_endpoint,
          [](const auto& url) { return url ? to_text(*url) : std::string(); },
          "Collector that gets a span for each prompt, by OTLP over HTTP; empty: none.",
          [](auto& s) -> auto& { return s.otlp.endpoint; }),
      text<Settings>(
          "otlp.ca_file", "the path of a PEM file, or empty", any,
          "PEM file of the CAs to trust for it; empty: the system's.",
          [](auto& s) -> auto& { return s.otlp.ca_file; }),
      text<Settings>(
          "otlp.headers_env", "the name of an environment variable, or empty", is_empty_or_variable,
          "Environment variable that holds headers for the collector.",
          [](auto& s) -> auto& { return s.otlp.headers_env; }),
      parsed<Settings>(
          "otlp.sample_ratio", R"(a number from 0 to 1 in quotes, like "0.05")", parse_ratio,
          [](std::uint32_t ratio) { return millionths_text(ratio); },
          "Share of the prompts that are traced, where the client does not say.",
          [](auto& s) -> auto& { return s.otlp.sample_millionths; }),
      text<Settings>(
          "otlp.service_name", "text on one line", is_not_empty, "The spans' service.name.",
          [](auto& s) -> auto& { return s.otlp.service_name; }),
      wait(
          "otlp.timeout_ms", "For the collector to be connected to, and to answer.",
          [](auto& s) -> auto& { return s.otlp.timeout; }),
  };
}

std::vector<Field<Settings>> other_fields() {
  return {
      endpoint(
          "admin.listen", "Dashboard and admin API; off loopback it needs token_env.",
          [](auto& s) -> auto& { return s.admin.listen; }),
      text<Settings>(
          "admin.token_env", "the name of an environment variable, or empty", is_empty_or_variable,
          "Environment variable that holds the admin API's bearer token.",
          [](auto& s) -> auto& { return s.admin.token_env; }),
      text<Settings>(
          "store.path", "the path of a folder, or empty", any,
          "Folder of the store; empty: $XDG_DATA_HOME/foreword or "
          "~/.local/share/foreword.",
          [](auto& s) -> auto& { return s.store.path; }),
      number<Settings>(
          "store.fsync_interval_ms", limits::kShortestWait, limits::kLongestFsyncInterval,
          "The most of the ledger that a power cut can take.",
          [](auto& s) -> auto& { return s.store.fsync_interval; }),
      number<Settings>(
          "store.kb_versions_kept", std::size_t{1}, limits::kMostKbVersionsKept,
          "Versions of each knowledge base that `foreword kb rollback` can go back to.",
          [](auto& s) -> auto& { return s.store.kb_versions_kept; }),
      number<Settings>(
          "store.retention_days", std::uint32_t{0}, kMostRetentionDays,
          "Days for which the ledger keeps each request; 0: for ever.",
          [](auto& s) -> auto& { return s.store.retention_days; }),
      text<Settings>(
          "finetune.hardware", "text on one line", any,
          "The hardware that the comparison assumes, as the page names it.",
          [](auto& s) -> auto& { return s.finetune.hardware; }),
      text<Settings>(
          "log.level", R"("trace", "debug", "info", "warn", "error" or "off")", is_level,
          "Least severe lines to write: trace, debug, info, warn, error, off.",
          [](auto& s) -> auto& { return s.log.level; }),
      text<Settings>(
          "log.format", R"("console" or "json")", is_format,
          "console for people, json for machines: one object a line.",
          [](auto& s) -> auto& { return s.log.format; }),
  };
}

std::vector<Field<Settings>> distill_fields() {
  return {
      list<Settings>(
          "distill.labels", R"(a list of labels of requests, like ["support"])", is_label,
          "Requests with one of these labels are captured for training; none: nothing is.",
          [](auto& s) -> auto& { return s.distill.labels; }),
      text<Settings>(
          "distill.key_env", "the name of an environment variable, or empty", is_empty_or_variable,
          "Environment variable with the key that captured prompts and answers are sealed with.",
          [](auto& s) -> auto& { return s.distill.key_env; }),
      number<Settings>(
          "distill.max_bytes", limits::kLeastMaxCapturedBytes, limits::kMostMaxCapturedBytes,
          "Bytes of sealed prompts and answers that are kept; beyond, the oldest go.",
          [](auto& s) -> auto& { return s.distill.max_bytes; }),
  };
}

/// The assumptions of [finetune]: one number for all three estimates, or each its own.
std::vector<Field<Settings>> finetune_fields() {
  std::vector<Field<Settings>> all;
  for (const auto& assumption : finetune_assumptions()) {
    auto set = [&assumption](Settings& settings, const Value& value) {
      if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        return set_assumption(assumption, settings.finetune, *list);
      }
      const auto* one = std::get_if<std::string>(&value);
      return one != nullptr && set_assumption(assumption, settings.finetune, {one, 1});
    };
    auto get = [&assumption](const Settings& settings) -> Value {
      std::vector<std::string> texts;
      for (const auto number : (settings.finetune.*assumption.member).by_estimate) {
        texts.push_back(millionths_text(number));
      }
      return texts;
    };
    auto expects = "a number from " + millionths_text(assumption.least) + " to " +
                   millionths_text(assumption.most) +
                   R"( in quotes, like "1.5", or a list of three)" +
                   ": from what makes a fine-tune cheapest to what makes it dearest";
    all.push_back({"finetune." + std::string(assumption.key), std::string(assumption.doc),
                   std::move(expects), set, get});
  }
  return all;
}

}  // namespace

const std::vector<Field<Settings>>& fields() {
  static const auto kFields = [] {
    auto all = proxy_fields();
    for (auto more :
         {wait_fields(), other_fields(), distill_fields(), finetune_fields(), otlp_fields()}) {
      std::ranges::move(more, std::back_inserter(all));
    }
    return all;
  }();
  return kFields;
}

const std::vector<Field<UpstreamSettings>>& upstream_fields() {
  static const std::vector<Field<UpstreamSettings>> kFields = {
      parsed<UpstreamSettings>(
          "provider", R"("anthropic", "openai" or "gemini")", parse_provider,
          [](Provider provider) { return name_of(provider); },
          "Whose API it speaks: anthropic, openai or gemini.",
          [](auto& u) -> auto& { return u.provider; }),
      parsed<UpstreamSettings>(
          "base_url", std::string(kBaseUrlForm), parse_base_url,
          [](const BaseUrl& url) { return to_text(url); },
          "Where it is; the paths of requests are appended.",
          [](auto& u) -> auto& { return u.base_url; }),
      text<UpstreamSettings>(
          "ca_file", "the path of a PEM file, or empty", any,
          "PEM file of the CAs to trust; empty: the system's.",
          [](auto& u) -> auto& { return u.ca_file; }),
      text<UpstreamSettings>(
          "api_key_env", "the name of an environment variable, or empty", is_empty_or_variable,
          "Environment variable with the key for Foreword's own requests; empty: it makes none.",
          [](auto& u) -> auto& { return u.api_key_env; }),
      number<UpstreamSettings>(
          "max_in_flight", std::size_t{1}, limits::kMostMaxInFlight,
          "Requests under way at one time; more are refused with 503 (Anthropic: 529).",
          [](auto& u) -> auto& { return u.max_in_flight; }),
  };
  return kFields;
}

const std::vector<Field<KbSettings>>& kb_fields() {
  static const std::vector<Field<KbSettings>> kFields = {
      parsed<KbSettings>(
          "layout", R"("overlay" or "exact")", parse_kb_layout,
          [](KbLayout layout) { return name_of(layout); },
          "How updates are published: overlay or exact.",
          [](auto& k) -> auto& { return k.layout; }),
      number<KbSettings>(
          "max_stale_percent", std::uint32_t{0}, limits::kMostMaxStalePercent,
          "Overlay: no more of its text than this is superseded at any time.",
          [](auto& k) -> auto& { return k.max_stale_percent; }),
      list<KbSettings>(
          "models", "a list of names of models, like [\"claude-sonnet-5-5\"]", is_not_empty,
          "Models that it has to fit: what is too large for one of them is not loaded.",
          [](auto& k) -> auto& { return k.models; }),
      list<KbSettings>(
          "attach_to", "a list of labels of requests, like [\"label:support\"]", is_attachment,
          "Requests with one of these labels get it when they name no knowledge base.",
          [](auto& k) -> auto& { return k.attach_to; }),
      parsed<KbSettings>(
          "keep_warm_usd_per_day", "dollars like \"0.50\", at most a million", parse_usd_per_day,
          [](Picodollars dollars) { return to_usd(dollars); },
          "Dollars a day for keeping it in providers' caches between requests; 0: it is not.",
          [](auto& k) -> auto& { return k.keep_warm_per_day; }),
  };
  return kFields;
}

}  // namespace foreword::config
