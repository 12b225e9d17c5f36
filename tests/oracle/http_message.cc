#include "oracle/http_message.h"

#include <algorithm>
#include <optional>

namespace foreword::oracle {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::string_view kTokenSigns = "!#$%&'*+-.^_`|~";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_token_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kTokenSigns.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

/// Neither a control character nor white space; bytes above ASCII are let by.
bool is_visible(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f;
}

bool is_text(char c) {
  return is_visible(c) || c == ' ' || c == '\t';
}

std::string_view strip(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::uint64_t> number(std::string_view text, unsigned base) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : lower_case(text)) {
    const unsigned digit = is_digit(c)            ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                                                  : 16;
    if (digit >= base || value > (UINT64_MAX - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

/// The lines of `text`, each of which ends with CRLF.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find(kCrLf);
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + kCrLf.size());
  }
  return lines;
}

std::optional<unsigned> read_version(std::string_view text) {
  if (text == "HTTP/1.1") return 11;
  if (text == "HTTP/1.0") return 10;
  return std::nullopt;
}

bool read_request_line(std::string_view line, HttpMessage& message) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  message.method = line.substr(0, first);
  message.target = line.substr(first + 1, last - first - 1);
  const auto version = read_version(line.substr(last + 1));
  message.version = version.value_or(0);
  return version && is_token(message.method) && !message.target.empty() &&
         std::ranges::all_of(message.target, is_visible);
}

bool read_status_line(std::string_view line, HttpMessage& message) {
  const auto version = read_version(line.substr(0, 8));
  if (!version || line.size() < 13 || line[8] != ' ' || line[12] != ' ') return false;
  const auto status = line.substr(9, 3);
  if (!std::ranges::all_of(status, is_digit) || status[0] == '0') return false;
  message.version = *version;
  message.status = static_cast<unsigned>(*number(status, 10));
  message.reason = line.substr(13);
  return std::ranges::all_of(message.reason, is_text);
}

bool read_fields(const std::vector<std::string_view>& lines, std::vector<HttpField>& fields) {
  for (const auto line : lines) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const auto value = line.substr(colon + 1);
    if (!std::ranges::all_of(value, is_text)) return false;
    fields.push_back({std::string(line.substr(0, colon)), std::string(strip(value))});
  }
  return true;
}

bool read_framing(HttpMessage& message, bool never_a_body, Framing without_length) {
  const auto lengths = values_of(message.fields, "content-length");
  const auto codings = values_of(message.fields, "transfer-encoding");
  if (lengths.size() + codings.size() > 1) return false;
  message.framing = without_length;
  if (!codings.empty()) {
    if (lower_case(codings[0]) != "chunked" || message.version < 11) return false;
    message.framing = Framing::chunked;
  }
  if (!lengths.empty()) {
    const auto length = number(lengths[0], 10);
    if (!length || !std::ranges::all_of(lengths[0], is_digit)) return false;
    message.framing = Framing::length;
    message.length = *length;
  }
  if (never_a_body) message.framing = Framing::none;
  return true;
}

/// What is left of `text` behind one extension of a chunk; nothing: it is none.
std::optional<std::string_view> skip_extension(std::string_view text) {
  text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
  if (!text.starts_with(';')) return std::nullopt;
  const auto skip_spaces = [&] {
    text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
  };
  const auto skip_token = [&] {
    const auto end = std::ranges::find_if_not(text, is_token_char);
    const bool any = end != text.begin();
    text = text.substr(static_cast<std::size_t>(end - text.begin()));
    return any;
  };
  text.remove_prefix(1);
  skip_spaces();
  if (!skip_token()) return std::nullopt;
  const auto behind_name = text;
  skip_spaces();
  if (!text.starts_with('=')) return behind_name;
  text.remove_prefix(1);
  skip_spaces();
  if (!text.starts_with('"')) return skip_token() ? std::optional(text) : std::nullopt;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return text.substr(i + 1);
    if (text[i] == '\\') ++i;
    if (i < text.size() && !is_text(text[i])) return std::nullopt;
  }
  return std::nullopt;
}

/// The number in front of a chunk.
std::optional<std::uint64_t> read_chunk_line(std::string_view line) {
  const auto digits = line.find_first_not_of("0123456789abcdefABCDEF");
  const auto size = number(line.substr(0, digits), 16);
  auto rest = digits == std::string_view::npos ? std::string_view() : line.substr(digits);
  while (size && !rest.empty()) {
    const auto left = skip_extension(rest);
    if (!left) return std::nullopt;
    rest = *left;
  }
  return size;
}

/// The fields behind the last chunk: dropped on the way, so that folded lines do no harm.
bool read_trailers(std::string_view bytes, HttpMessage& message) {
  for (std::size_t at = 0;;) {
    const auto end = bytes.find(kCrLf, at);
    if (end == std::string_view::npos) return true;
    const auto line = bytes.substr(at, end - at);
    at = end + kCrLf.size();
    if (line.empty()) {
      message.complete = true;
      message.end += at;
      return true;
    }
    const bool folded = !message.trailers.empty() && (line[0] == ' ' || line[0] == '\t');
    if (folded && !std::ranges::all_of(line, is_text)) return false;
    if (!folded && !read_fields({line}, message.trailers)) return false;
  }
}

/// Reads what is here; false: it is not chunked coding.
bool read_chunks(std::string_view bytes, HttpMessage& message) {
  for (std::size_t at = 0;;) {
    const auto line_end = bytes.find(kCrLf, at);
    if (line_end == std::string_view::npos) return true;
    const auto size = read_chunk_line(bytes.substr(at, line_end - at));
    if (!size) return false;
    at = line_end + kCrLf.size();
    if (*size == 0) {
      message.end += at;
      return read_trailers(bytes.substr(at), message);
    }
    const auto data = bytes.substr(at, *size);
    message.chunks.emplace_back(data);
    message.body += data;
    if (data.size() < *size) return true;
    at += data.size();
    const auto behind = bytes.substr(at, kCrLf.size());
    if (!kCrLf.starts_with(behind)) return false;
    if (behind.size() < kCrLf.size()) return true;
    at += kCrLf.size();
  }
}

bool read_body(std::string_view bytes, HttpMessage& message) {
  switch (message.framing) {
    case Framing::none:
      message.complete = true;
      return true;
    case Framing::length:
      message.body = bytes.substr(0, message.length);
      message.complete = message.body.size() == message.length;
      break;
    case Framing::until_close:
      message.body = bytes;
      message.complete = true;
      break;
    case Framing::chunked:
      return read_chunks(bytes, message);
  }
  message.end += message.body.size();
  return true;
}

/// The lines of the head; sets where it ends. Nothing: it is not all here.
std::optional<std::vector<std::string_view>> take_head(std::string_view bytes, std::size_t begin,
                                                       HttpMessage& message) {
  const auto end = bytes.find("\r\n\r\n", begin);
  if (end == std::string_view::npos) return std::nullopt;
  message.end = end + 4;
  return lines_of(bytes.substr(begin, end + 2 - begin));
}

HttpReading verdict(bool good, HttpMessage&& message) {
  HttpReading reading;
  reading.verdict = good ? Verdict::message : Verdict::refused;
  if (good) reading.message = std::move(message);
  return reading;
}

HttpReading incomplete() {
  HttpReading reading;
  reading.verdict = Verdict::head_incomplete;
  return reading;
}

}  // namespace

HttpReading read_request(std::string_view bytes) {
  std::size_t begin = 0;
  for (int i = 0; i < 4 && bytes.substr(begin).starts_with(kCrLf); ++i) begin += kCrLf.size();
  HttpMessage message;
  auto lines = take_head(bytes, begin, message);
  if (!lines) return incomplete();
  bool good = read_request_line(lines->front(), message);
  lines->erase(lines->begin());
  good = good && read_fields(*lines, message.fields);
  const auto hosts = values_of(message.fields, "host").size();
  good = good && hosts <= 1 && (hosts == 1 || message.version < 11);
  good = good && read_framing(message, false, Framing::none);
  good = good && read_body(bytes.substr(message.end), message);
  return verdict(good, std::move(message));
}

HttpReading read_answer(std::string_view bytes, bool to_head) {
  HttpMessage message;
  auto lines = take_head(bytes, 0, message);
  if (!lines) return incomplete();
  bool good = read_status_line(lines->front(), message);
  lines->erase(lines->begin());
  good = good && read_fields(*lines, message.fields);
  const auto status = message.status;
  const bool never_a_body = to_head || status < 200 || status == 204 || status == 304;
  good = good && read_framing(message, never_a_body, Framing::until_close);
  good = good && read_body(bytes.substr(message.end), message);
  return verdict(good, std::move(message));
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::vector<std::string> values_of(const std::vector<HttpField>& fields, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& field : fields) {
    if (lower_case(field.name) == name) values.push_back(field.value);
  }
  return values;
}

std::vector<std::string> members_of(const std::vector<HttpField>& fields, std::string_view name) {
  std::vector<std::string> members;
  for (const auto& value : values_of(fields, name)) {
    for (std::size_t at = 0; at <= value.size();) {
      const auto comma = std::min(value.find(',', at), value.size());
      members.push_back(lower_case(strip(std::string_view(value).substr(at, comma - at))));
      at = comma + 1;
    }
  }
  std::erase(members, "");
  return members;
}

}  // namespace foreword::oracle
