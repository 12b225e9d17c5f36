#include "proxy/head.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace foreword::proxy {
namespace {

constexpr std::string_view kOwnPrefix = "x-foreword-";

struct KnownName {
  std::string_view text;
  FieldName name;
};

constexpr std::array kKnownNames = {
    KnownName{"accept-encoding", FieldName::accept_encoding},
    KnownName{"anthropic-version", FieldName::anthropic_version},
    KnownName{"api-key", FieldName::api_key},
    KnownName{"authorization", FieldName::authorization},
    KnownName{"connection", FieldName::connection},
    KnownName{"content-encoding", FieldName::content_encoding},
    KnownName{"content-length", FieldName::content_length},
    KnownName{"content-type", FieldName::content_type},
    KnownName{"expect", FieldName::expect},
    KnownName{"host", FieldName::host},
    KnownName{"keep-alive", FieldName::keep_alive},
    KnownName{"proxy-authorization", FieldName::proxy_authorization},
    KnownName{"proxy-connection", FieldName::proxy_connection},
    KnownName{"retry-after", FieldName::retry_after},
    KnownName{"te", FieldName::te},
    KnownName{"traceparent", FieldName::traceparent},
    KnownName{"tracestate", FieldName::tracestate},
    KnownName{"trailer", FieldName::trailer},
    KnownName{"transfer-encoding", FieldName::transfer_encoding},
    KnownName{"upgrade", FieldName::upgrade},
    KnownName{"x-api-key", FieldName::x_api_key},
    KnownName{"x-foreword-kb", FieldName::x_foreword_kb},
    KnownName{"x-foreword-label", FieldName::x_foreword_label},
    KnownName{"x-foreword-mode", FieldName::x_foreword_mode},
    KnownName{"x-goog-api-key", FieldName::x_goog_api_key},
};

/// Where a name stands in kByHash, in whatever case it is written. No two known names share a
/// place: the compiler would say so.
constexpr std::size_t kPlaces = 64;
constexpr std::size_t place_of(std::string_view name) {
  const auto first = static_cast<unsigned char>(name.front() | 0x20);
  const auto last = static_cast<unsigned char>(name.back() | 0x20);
  return (3 * name.size() + first + 37u * last) % kPlaces;
}

constexpr auto kByHash = [] {
  std::array<KnownName, kPlaces> places{};
  for (const auto& known : kKnownNames) {
    auto& place = places.at(place_of(known.text));
    if (!place.text.empty()) throw "two known names share a place: choose other factors";
    place = known;
  }
  return places;
}();

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Is `text` this name of small letters and hyphens, in whatever case? The case of a letter is one
/// bit, and no character that may stand in a name is a hyphen without it. REQUIRES: of one length.
inline bool is_name(std::string_view text, std::string_view known) {
  constexpr std::uint64_t kCase = 0x2020202020202020;
  constexpr std::size_t kStep = sizeof(std::uint64_t);
  std::size_t at = 0;
  for (; at + kStep <= text.size(); at += kStep) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, text.data() + at, kStep);
    std::memcpy(&b, known.data() + at, kStep);
    if ((a | kCase) != b) return false;
  }
  for (; at < text.size(); ++at) {
    if ((text[at] | 0x20) != known[at]) return false;
  }
  return true;
}

}  // namespace

FieldName field_name(std::string_view name) {
  if (name.empty()) return FieldName::other;
  const auto& known = kByHash[place_of(name)];
  if (known.text.size() == name.size() && is_name(name, known.text)) return known.name;
  const bool own =
      name.size() >= kOwnPrefix.size() && is_name(name.substr(0, kOwnPrefix.size()), kOwnPrefix);
  return own ? FieldName::x_foreword_other : FieldName::other;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](char x, char y) { return x == y || lower(x) == lower(y); });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::optional<std::string_view> find_field(const Fields& fields, FieldName name) {
  for (const auto& field : fields) {
    if (field.known == name) return field.value;
  }
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool has_token(const Fields& fields, FieldName name, std::string_view token) {
  bool found = false;
  for_each_token(fields, name, [&](std::string_view each) {
    found = found || equals_ignoring_case(each, token);
  });
  return found;
}

}  // namespace foreword::proxy
