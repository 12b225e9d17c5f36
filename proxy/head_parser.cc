#include "proxy/head_parser.h"

#include <array>
#include <bit>
#include <cstddef>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "config/limits.h"

namespace foreword::proxy {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::size_t kUsualFields = 24;  // an SDK's request has 15 to 20

using CharacterSet = std::array<bool, 256>;

/// RFC 9110 section 5.6.2: tchar.
constexpr CharacterSet kNameCharacters = [] {
  CharacterSet set{};
  for (char c = '0'; c <= '9'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    set[static_cast<unsigned char>(c)] = true;
  return set;
}();

/// Whatever is no blank and no control character: paths come as they come.
constexpr CharacterSet kTargetCharacters = [] {
  CharacterSet set{};
  for (std::size_t c = ' ' + 1; c < set.size(); ++c) set[c] = c != 0x7f;
  return set;
}();

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr bool is_control(char c) {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}

#ifdef __SSE2__
constexpr std::ptrdiff_t kStep = sizeof(__m128i);
constexpr unsigned kAll = 0xffff;

__m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
__m128i is(__m128i bytes, char c) {
  return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}
/// Of bytes without a sign.
__m128i is_between(__m128i bytes, char first, char last) {
  const auto at_least = _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(first)), bytes);
  const auto at_most = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(last)), bytes);
  return _mm_and_si128(at_least, at_most);
}
unsigned mask_of(__m128i found) {
  return static_cast<unsigned>(_mm_movemask_epi8(found));
}
#endif

/// What is left of a head. Its last byte is known to be a line feed, so that whoever stops at
/// control characters stops inside.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] char peek() const { return *at_; }
  bool skip(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool skip(std::string_view text) {
    if (!std::string_view(at_, end_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }
  void skip_blanks() {
    while (is_blank(*at_)) ++at_;
  }
  std::string_view take_all_of(const CharacterSet& set) {
    const char* const begin = at_;
    const char* at = begin;
#ifdef __SSE2__
    // What names are mostly made of; the rest goes character by character.
    for (; end_ - at >= kStep; at += kStep) {
      const auto bytes = load(at);
      const auto letters = is_between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
      const auto usual = _mm_or_si128(letters, is(bytes, '-'));
      const auto others = mask_of(usual) ^ kAll;
      if (others == 0) continue;
      at += std::countr_zero(others);
      break;
    }
#endif
    while (set[static_cast<unsigned char>(*at)]) ++at;
    at_ = at;
    return std::string_view(begin, at);
  }
  std::optional<unsigned> take_digit() {
    if (at_ == end_ || !is_digit(*at_)) return std::nullopt;
    return static_cast<unsigned>(*at_++ - '0');
  }
  /// Up to the next control character, which is left.
  std::string_view take_text() {
    const char* const begin = at_;
    at_ = find_control();
    return std::string_view(begin, at_);
  }

 private:
  [[nodiscard]] const char* find_control() const {
    const char* at = at_;
#ifdef __SSE2__
    for (; end_ - at >= kStep; at += kStep) {
      const auto bytes = load(at);
      const auto controls = _mm_andnot_si128(is(bytes, '\t'), is_between(bytes, 0, ' ' - 1));
      const auto found = mask_of(_mm_or_si128(controls, is(bytes, 0x7f)));
      if (found != 0) return at + std::countr_zero(found);
    }
#endif
    while (!is_control(*at)) ++at;
    return at;
  }

  const char* at_;
  const char* end_;
};

bool read_version(Cursor& in, HttpVersion& version) {
  if (!in.skip("HTTP/")) return false;
  const auto major = in.take_digit();
  if (!major || !in.skip('.')) return false;
  const auto minor = in.take_digit();
  if (!minor) return false;
  version = 10 * *major + *minor;
  return version == 10 || version == 11;
}

bool read_start_line(Cursor& in, RequestHead& head) {
  head.method = in.take_all_of(kNameCharacters);
  if (head.method.empty() || !in.skip(' ')) return false;
  head.target = in.take_all_of(kTargetCharacters);
  if (head.target.empty() || !in.skip(' ')) return false;
  return read_version(in, head.version) && in.skip("\r\n");
}

bool read_start_line(Cursor& in, ResponseHead& head) {
  if (!read_version(in, head.version) || !in.skip(' ')) return false;
  head.status = 0;
  for (int i = 0; i < 3; ++i) {
    const auto digit = in.take_digit();
    if (!digit) return false;
    head.status = 10 * head.status + *digit;
  }
  if (!in.skip(' ')) return false;
  head.reason = in.take_text();
  return in.skip("\r\n");
}

bool read_field(Cursor& in, Fields& fields) {
  const auto name = in.take_all_of(kNameCharacters);
  if (name.empty() || !in.skip(':')) return false;
  in.skip_blanks();
  const auto text = in.take_text();
  if (!in.skip("\r\n")) return false;
  auto value = text;
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  auto& field = fields.emplace_back(name, value);
  field.whole_line = value.size() == text.size() && value.data() == name.data() + name.size() + 2;
  return true;
}

template <class Head>
HeadStatus read_head(std::string_view bytes, Head& head) {
  if (!bytes.ends_with(kEndOfHead)) return HeadStatus::malformed;
  Cursor in(bytes);
  head.fields.clear();
  head.fields.reserve(kUsualFields);
  head.folded = false;
  if (!read_start_line(in, head)) return HeadStatus::malformed;
  while (!in.skip("\r\n")) {
    if (is_blank(in.peek())) {  // goes on with the line before
      head.folded = true;
      in.take_text();
      if (!in.skip("\r\n")) return HeadStatus::malformed;
      continue;
    }
    if (head.fields.size() == config::limits::kMaxHeaderFields) return HeadStatus::too_many_fields;
    if (!read_field(in, head.fields)) return HeadStatus::malformed;
  }
  return in.at_end() ? HeadStatus::ok : HeadStatus::malformed;
}

}  // namespace

std::size_t find_end_of_head(std::string_view bytes, std::size_t from) {
  std::size_t at = from;
#ifdef __SSE2__
  // A line's end two bytes before another's.
  for (; at + kStep + 2 <= bytes.size(); at += kStep) {
    const auto* const here = bytes.data() + at;
    auto found = mask_of(_mm_and_si128(is(load(here), '\r'), is(load(here + 2), '\r')));
    for (; found != 0; found &= found - 1) {
      const auto end = at + static_cast<std::size_t>(std::countr_zero(found));
      if (bytes.substr(end).starts_with(kEndOfHead)) return end + kEndOfHead.size();
    }
  }
#endif
  const auto end = bytes.find(kEndOfHead, at);
  return end == std::string_view::npos ? end : end + kEndOfHead.size();
}

HeadStatus parse_head(std::string_view bytes, RequestHead& head) {
  return read_head(bytes, head);
}

HeadStatus parse_head(std::string_view bytes, ResponseHead& head) {
  return read_head(bytes, head);
}

}  // namespace foreword::proxy
