#include "proxy/framing.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace foreword::proxy {
namespace {

/// RFC 9110 section 7.6.1; Expect is answered by this proxy itself. And what is meant for it.
constexpr FieldNames kGoNoFurther = {FieldName::connection,
                                     FieldName::keep_alive,
                                     FieldName::proxy_connection,
                                     FieldName::te,
                                     FieldName::trailer,
                                     FieldName::upgrade,
                                     FieldName::transfer_encoding,
                                     FieldName::expect,
                                     FieldName::proxy_authorization,
                                     FieldName::x_foreword_kb,
                                     FieldName::x_foreword_label,
                                     FieldName::x_foreword_mode,
                                     FieldName::x_foreword_other};

/// What Connection cannot take away: without these a message has another meaning.
constexpr FieldNames kNeverNamed = {FieldName::host, FieldName::content_length};

/// The fields of one message that go no further than this hop.
class HopFields {
 public:
  explicit HopFields(const Fields& fields) {
    for_each_token(fields, FieldName::connection, [this](std::string_view name) {
      const auto known = field_name(name);
      if (!kNeverNamed.has(known) && !kGoNoFurther.has(known)) named_.push_back(name);
    });
  }
  /// Neither the hop's own, nor named by Connection, nor meant for Foreword itself.
  [[nodiscard]] bool passes(const Field& field) const {
    if (kGoNoFurther.has(field.known)) return false;
    for (const auto name : named_) {
      if (equals_ignoring_case(field.name, name)) return false;
    }
    return true;
  }

 private:
  std::vector<std::string_view> named_;
};

std::size_t count(const Fields& fields, FieldName name) {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [name](const Field& field) { return field.known == name; }));
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Each field is compared with each of these names.
constexpr std::size_t kMaxConnectionNames = 32;

bool names_too_many(const Fields& fields) {
  std::size_t names = 0;
  for_each_token(fields, FieldName::connection, [&names](std::string_view) { ++names; });
  return names > kMaxConnectionNames;
}

/// Transfer-Encoding is understood only as exactly one `chunked`, in HTTP/1.1, without a length.
std::optional<std::string_view> refuse_framing(HttpVersion version, const Fields& fields) {
  const auto encodings = count(fields, FieldName::transfer_encoding);
  const auto lengths = count(fields, FieldName::content_length);
  if (names_too_many(fields)) return "too many names in Connection";
  if (lengths > 1) return "more than one Content-Length";
  if (lengths == 1 && !is_number(*find_field(fields, FieldName::content_length))) {
    return "a Content-Length that is no number";
  }
  if (encodings == 0) return std::nullopt;
  if (encodings > 1) return "more than one Transfer-Encoding";
  if (lengths > 0) return "Transfer-Encoding together with Content-Length";
  if (version < 11) return "Transfer-Encoding in HTTP/1.0";
  if (!equals_ignoring_case(*find_field(fields, FieldName::transfer_encoding), "chunked")) {
    return "a Transfer-Encoding other than chunked";
  }
  return std::nullopt;
}

/// A head in the making, in room that is nearly always enough for all of it: each piece is one
/// copy.
class HeadText {
 public:
  /// Room for `fields` and `more` bytes beside them.
  HeadText(const Fields& fields, std::size_t more) {
    std::size_t bytes = more + kOwnFieldsBytes;
    for (const auto& field : fields) {
      bytes += field.name.size() + field.value.size() + kAroundField;
    }
    text_.resize(bytes);
  }

  /// As it came. Lines that stood one behind the other are copied together.
  void add_field(const Field& field) {
    if (!field.whole_line) return add_field(field.name, field.value);
    const auto line = field.line();
    if (lines_.data() + lines_.size() != line.data()) write_lines();
    lines_ = lines_.empty() ? line : std::string_view(lines_.data(), lines_.size() + line.size());
  }
  HeadText& add(std::string_view piece) {
    make_room(piece.size());
    put(piece);
    return *this;
  }
  void add_field(std::string_view name, std::string_view value) {
    make_room(name.size() + value.size() + kAroundField);
    put(name);
    put(": ");
    put(value);
    put("\r\n");
  }
  void add_number_field(std::string_view name, std::uint64_t value) {
    add_field(name, fmt::format_int(value).c_str());
  }
  void add_status_line(const ResponseHead& response) {
    add("HTTP/1.1 ").add(fmt::format_int(response.status).c_str()).add(" ");
    add(response.reason).add("\r\n");
  }
  std::string finish() {
    add("\r\n");
    text_.resize(size_);
    return std::move(text_);
  }

 private:
  void write_lines() {
    const auto lines = std::exchange(lines_, std::string_view());
    if (lines.size() > text_.size() - size_) text_.resize(2 * (size_ + lines.size()));
    put(lines);
  }
  void make_room(std::size_t bytes) {
    if (!lines_.empty()) write_lines();
    if (bytes > text_.size() - size_) text_.resize(2 * (size_ + bytes));
  }
  /// REQUIRES: room for it.
  void put(std::string_view piece) {
    if (piece.empty()) return;  // it may have no address
    std::memcpy(text_.data() + size_, piece.data(), piece.size());
    size_ += piece.size();
  }

  static constexpr std::size_t kAroundField = 4;
  /// The status line's and the request line's own bytes, and the names and short values of the
  /// fields that this proxy adds or replaces.
  static constexpr std::size_t kOwnFieldsBytes = 512;

  std::string text_;
  std::size_t size_ = 0;
  std::string_view lines_;  // not yet written
};

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

std::optional<std::string_view> refuse_request(const RequestHead& head) {
  if (head.folded) return "a folded header line";
  if (head.version != 10 && head.version != 11) return "an HTTP version other than 1.0 and 1.1";
  if (head.method == "CONNECT" || head.method == "TRACE") {
    return "CONNECT and TRACE are for other proxies: set the SDK's base URL instead";
  }
  const auto hosts = count(head.fields, FieldName::host);
  if (hosts > 1) return "more than one Host";
  if (hosts == 0 && head.version == 11) return "no Host";
  return refuse_framing(head.version, head.fields);
}

std::optional<std::string_view> refuse_response(const ResponseHead& head) {
  if (head.folded) return "a folded header line";
  if (head.status < 100) return "a status below 100";
  return refuse_framing(head.version, head.fields);
}

bool wants_keep_alive(HttpVersion version, const Fields& fields) {
  if (has_token(fields, FieldName::connection, "close")) return false;
  return version >= 11 || has_token(fields, FieldName::connection, "keep-alive");
}

std::string make_upstream_head(const UpstreamHead& head, const Fields& fields) {
  const auto upgrade = head.upgrade ? find_field(fields, FieldName::upgrade).value_or("") : "";
  HeadText out(fields, head.method.size() + head.base_path.size() + head.target.size() +
                           head.host.size() + upgrade.size());
  out.add(head.method).add(" ").add(head.base_path).add(head.target).add(" HTTP/1.1\r\n");
  const HopFields hop(fields);
  bool host_sent = false;
  bool length_sent = false;
  for (const auto& field : fields) {
    if (!hop.passes(field)) continue;
    if (field.known == FieldName::host) {
      out.add_field(field.name, head.host);
      host_sent = true;
    } else if (field.known == FieldName::content_length) {
      if (head.chunked) continue;
      if (head.content_length) {
        out.add_number_field(field.name, *head.content_length);
      } else {
        out.add_field(field);
      }
      length_sent = true;
    } else if (field.known == FieldName::accept_encoding &&
               (head.identity_encoding || head.narrow_accept_encoding)) {
      out.add_field(field.name, head.identity_encoding ? "identity" : narrowed(field.value));
    } else {
      out.add_field(field);
    }
  }
  if (!host_sent) out.add_field("Host", head.host);
  if (head.content_length && !length_sent) {
    out.add_number_field("Content-Length", *head.content_length);
  }
  if (head.chunked) out.add_field("Transfer-Encoding", "chunked");
  if (head.upgrade) {
    out.add_field("Connection", "Upgrade");
    out.add_field("Upgrade", upgrade);
  }
  return out.finish();
}

BodyFraming framing_for_client(const AnswerBody& body, HttpVersion client_version) {
  if (body.none && !body.chunked && body.length == 0) return BodyFraming::length;
  if (body.none) return BodyFraming::none;  // to HEAD: the fields stay, no body follows
  if (body.length && !body.edited) return BodyFraming::length;
  return client_version >= 11 ? BodyFraming::chunked : BodyFraming::until_close;
}

std::string make_interim_head(const ResponseHead& response) {
  HeadText out(response.fields, response.reason.size());
  out.add_status_line(response);
  const HopFields hop(response.fields);
  for (const auto& field : response.fields) {
    if (field.known == FieldName::content_length) continue;  // RFC 9110 section 8.6
    if (hop.passes(field)) out.add_field(field);
  }
  return out.finish();
}

std::string make_client_head(const ClientHead& head, const ResponseHead& response) {
  const auto upgrade =
      head.upgrade ? find_field(response.fields, FieldName::upgrade).value_or("") : "";
  HeadText out(response.fields, response.reason.size() + head.request_id.size() + upgrade.size());
  out.add_status_line(response);
  const HopFields hop(response.fields);
  const bool length_holds =
      (head.framing == BodyFraming::length || head.framing == BodyFraming::none) &&
      response.status >= 200 && response.status != 204;
  for (const auto& field : response.fields) {
    // Where the body was edited, its length is not the upstream's; with 101 and 204 there is none.
    if (!length_holds && field.known == FieldName::content_length) continue;
    if (hop.passes(field)) out.add_field(field);
  }
  out.add_field("X-Foreword-Request", head.request_id);
  if (head.kb_refused) out.add_field("X-Foreword-KB", "refused");
  if (head.framing == BodyFraming::chunked) out.add_field("Transfer-Encoding", "chunked");
  if (head.upgrade) {
    out.add_field("Connection", "Upgrade");
    out.add_field("Upgrade", upgrade);
  } else if (!head.keep_alive) {
    out.add_field("Connection", "close");
  } else {
    if (head.client_version < 11) out.add_field("Connection", "keep-alive");
    out.add("Keep-Alive: timeout=").add(fmt::format_int(head.keep_alive_seconds).c_str());
    out.add("\r\n");
  }
  return out.finish();
}

}  // namespace foreword::proxy
