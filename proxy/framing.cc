#include "proxy/framing.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace foreword::proxy {
namespace {

/// RFC 9110 section 7.6.1; Expect is answered by this proxy itself.
constexpr std::array<std::string_view, 9> kHopByHop = {
    "connection",        "keep-alive", "proxy-connection",   "te", "trailer", "upgrade",
    "transfer-encoding", "expect",     "proxy-authorization"};
constexpr std::string_view kOwnPrefix = "x-foreword-";

/// What Connection cannot take away: without these a message has another meaning.
constexpr std::array<std::string_view, 2> kNeverNamed = {"host", "content-length"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view each) { return equals_ignoring_case(name, each); });
}

/// The fields of one message that go no further than this hop.
class HopFields {
 public:
  explicit HopFields(const Fields& fields) {
    for_each_token(fields, "connection", [this](std::string_view name) {
      if (!is_one_of(kNeverNamed, name)) named_.push_back(name);
    });
  }
  /// Neither the hop's own, nor named by Connection, nor meant for Foreword itself.
  [[nodiscard]] bool passes(std::string_view name) const {
    return !is_one_of(kHopByHop, name) && !starts_with_ignoring_case(name, kOwnPrefix) &&
           std::none_of(named_.begin(), named_.end(),
                        [&](std::string_view each) { return equals_ignoring_case(name, each); });
  }

 private:
  std::vector<std::string_view> named_;
};

std::size_t count(const Fields& fields, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [&](const Field& f) {
    return equals_ignoring_case(f.name, name);
  }));
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Each field is compared with each of these names.
constexpr std::size_t kMaxConnectionNames = 32;

bool names_too_many(const Fields& fields) {
  std::size_t names = 0;
  for_each_token(fields, "connection", [&names](std::string_view) { ++names; });
  return names > kMaxConnectionNames;
}

/// Transfer-Encoding is understood only as exactly one `chunked`, in HTTP/1.1, without a length.
std::optional<std::string_view> refuse_framing(HttpVersion version, const Fields& fields) {
  const auto encodings = count(fields, "transfer-encoding");
  const auto lengths = count(fields, "content-length");
  if (names_too_many(fields)) return "too many names in Connection";
  if (lengths > 1) return "more than one Content-Length";
  if (lengths == 1 && !is_number(*find_field(fields, "content-length"))) {
    return "a Content-Length that is no number";
  }
  if (encodings == 0) return std::nullopt;
  if (encodings > 1) return "more than one Transfer-Encoding";
  if (lengths > 0) return "Transfer-Encoding together with Content-Length";
  if (version < 11) return "Transfer-Encoding in HTTP/1.0";
  if (!equals_ignoring_case(*find_field(fields, "transfer-encoding"), "chunked")) {
    return "a Transfer-Encoding other than chunked";
  }
  return std::nullopt;
}

void append_status_line(std::string& out, const ResponseHead& response) {
  out += fmt::format("HTTP/1.1 {} ", response.status);
  out.append(response.reason).append("\r\n");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// Keeps of an Accept-Encoding value what the meter can decode.
std::string narrowed(std::string_view value) {
  std::string out;
  while (!value.empty()) {
    const auto comma = value.find(',');
    auto coding = value.substr(0, comma);
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    while (!coding.empty() && coding.front() == ' ') coding.remove_prefix(1);
    const auto name = coding.substr(0, coding.find_first_of("; \t"));
    const bool readable = equals_ignoring_case(name, "gzip") ||
                          equals_ignoring_case(name, "deflate") ||
                          equals_ignoring_case(name, "identity");
    if (!readable) continue;
    if (!out.empty()) out += ", ";
    out += coding;
  }
  return out.empty() ? "identity" : out;
}

}  // namespace

std::optional<std::string_view> refuse_request(const RequestHead& head, bool folded) {
  if (folded) return "a folded header line";
  if (head.version != 10 && head.version != 11) return "an HTTP version other than 1.0 and 1.1";
  if (head.method == "CONNECT" || head.method == "TRACE") {
    return "CONNECT and TRACE are for other proxies: set the SDK's base URL instead";
  }
  const auto hosts = count(head.fields, "host");
  if (hosts > 1) return "more than one Host";
  if (hosts == 0 && head.version == 11) return "no Host";
  return refuse_framing(head.version, head.fields);
}

std::optional<std::string_view> refuse_response(const ResponseHead& head, bool folded) {
  if (folded) return "a folded header line";
  if (head.status < 100) return "a status below 100";
  return refuse_framing(head.version, head.fields);
}

bool wants_keep_alive(HttpVersion version, const Fields& fields) {
  if (has_token(fields, "connection", "close")) return false;
  return version >= 11 || has_token(fields, "connection", "keep-alive");
}

std::string make_upstream_head(const UpstreamHead& head, const Fields& fields) {
  std::string out;
  out.reserve(1024);
  out.append(head.method).append(" ").append(head.base_path).append(head.target);
  out.append(" HTTP/1.1\r\n");
  const HopFields hop(fields);
  bool host_sent = false;
  bool length_sent = false;
  for (const auto& [name, value] : fields) {
    if (!hop.passes(name)) continue;
    if (equals_ignoring_case(name, "host")) {
      append_field(out, name, head.host);
      host_sent = true;
    } else if (equals_ignoring_case(name, "content-length")) {
      if (head.chunked) continue;
      append_field(out, name, head.content_length ? std::to_string(*head.content_length) : value);
      length_sent = true;
    } else if (equals_ignoring_case(name, "accept-encoding") &&
               (head.identity_encoding || head.narrow_accept_encoding)) {
      append_field(out, name, head.identity_encoding ? "identity" : narrowed(value));
    } else {
      append_field(out, name, value);
    }
  }
  if (!host_sent) append_field(out, "Host", head.host);
  if (head.content_length && !length_sent) {
    append_field(out, "Content-Length", std::to_string(*head.content_length));
  }
  if (head.chunked) append_field(out, "Transfer-Encoding", "chunked");
  if (head.upgrade) {
    append_field(out, "Connection", "Upgrade");
    append_field(out, "Upgrade", find_field(fields, "upgrade").value_or(""));
  }
  out += "\r\n";
  return out;
}

BodyFraming framing_for_client(const AnswerBody& body, HttpVersion client_version) {
  if (body.none && !body.chunked && body.length == 0) return BodyFraming::length;
  if (body.none) return BodyFraming::none;  // to HEAD: the fields stay, no body follows
  if (body.length && !body.edited) return BodyFraming::length;
  return client_version >= 11 ? BodyFraming::chunked : BodyFraming::until_close;
}

std::string make_interim_head(const ResponseHead& response) {
  std::string out;
  append_status_line(out, response);
  const HopFields hop(response.fields);
  for (const auto& [name, value] : response.fields) {
    if (equals_ignoring_case(name, "content-length")) continue;  // RFC 9110 section 8.6
    if (hop.passes(name)) append_field(out, name, value);
  }
  out += "\r\n";
  return out;
}

std::string make_client_head(const ClientHead& head, const ResponseHead& response) {
  std::string out;
  out.reserve(1024);
  append_status_line(out, response);
  const HopFields hop(response.fields);
  const bool length_holds =
      (head.framing == BodyFraming::length || head.framing == BodyFraming::none) &&
      response.status >= 200 && response.status != 204;
  for (const auto& [name, value] : response.fields) {
    // Where the body was edited, its length is not the upstream's; with 101 and 204 there is none.
    if (!length_holds && equals_ignoring_case(name, "content-length")) continue;
    if (!hop.passes(name)) continue;
    append_field(out, name, value);
  }
  append_field(out, "X-Foreword-Request", head.request_id);
  if (head.framing == BodyFraming::chunked) append_field(out, "Transfer-Encoding", "chunked");
  if (head.upgrade) {
    append_field(out, "Connection", "Upgrade");
    append_field(out, "Upgrade", find_field(response.fields, "upgrade").value_or(""));
  } else if (!head.keep_alive) {
    append_field(out, "Connection", "close");
  } else {
    if (head.client_version < 11) append_field(out, "Connection", "keep-alive");
    append_field(out, "Keep-Alive", fmt::format("timeout={}", head.keep_alive_seconds));
  }
  out += "\r\n";
  return out;
}

}  // namespace foreword::proxy
