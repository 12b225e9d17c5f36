#include "proxy/trace_context.h"

#include <algorithm>
#include <span>

#include "config/hash128.h"
#include "config/limits.h"

namespace foreword::proxy {
namespace {

/// Lower case only, as the standard has it.
std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

/// False: it is not hexadecimal. REQUIRES: twice as many digits as bytes.
bool read_hex(std::string_view text, std::span<unsigned char> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return false;
    bytes[i] = static_cast<unsigned char>(*high << 4 | *low);
  }
  return true;
}

template <std::size_t N>
bool is_zero(const std::array<unsigned char, N>& bytes) {
  return std::ranges::all_of(bytes, [](unsigned char byte) { return byte == 0; });
}

/// The last seven bytes are random in any trace id: by them all services decide the same.
bool is_in_ratio(const TraceId& trace, std::uint32_t ratio_millionths) {
  constexpr std::uint64_t kMillion = 1'000'000;
  constexpr std::uint64_t kValues = std::uint64_t{1} << 56;
  std::uint64_t value = 0;
  for (std::size_t i = 9; i < trace.size(); ++i) value = value << 8 | trace[i];
  // Of what is left out, those with the smallest values.
  const auto rejected =
      kValues / kMillion * (kMillion - std::min(kMillion, std::uint64_t{ratio_millionths}));
  return ratio_millionths > 0 && value >= rejected;
}

/// Random enough, since a request's id is, and another one than any part of that.
SpanId own_span(const cache::RequestId& id) {
  const auto hash = config::xxh3_128(
      std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
  SpanId span{};
  for (std::size_t i = 0; i < span.size(); ++i) {
    span[i] = static_cast<unsigned char>(hash.low >> (8 * i));
  }
  if (is_zero(span)) span.back() = 1;  // no id at all
  return span;
}

/// The only field of that name: of two, none can be believed.
std::optional<std::string_view> only_field(const Fields& fields, FieldName name) {
  std::optional<std::string_view> found;
  for (const auto& field : fields) {
    if (field.known != name) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found;
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  // version "-" trace-id "-" parent-id "-" trace-flags
  constexpr std::size_t kLength = 2 + 1 + 32 + 1 + 16 + 1 + 2;
  if (text.size() < kLength) return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::array<unsigned char, 1> version{};
  std::array<unsigned char, 1> flags{};
  TraceParent parent;
  if (!read_hex(text.substr(0, 2), version) || !read_hex(text.substr(3, 32), parent.trace) ||
      !read_hex(text.substr(36, 16), parent.span) || !read_hex(text.substr(53, 2), flags)) {
    return std::nullopt;
  }
  if (version[0] == 0xff || is_zero(parent.trace) || is_zero(parent.span)) return std::nullopt;
  // A later version may have more behind it.
  const bool longer = text.size() > kLength;
  if (longer && (version[0] == 0 || text[kLength] != '-')) return std::nullopt;
  parent.sampled = (flags[0] & 1) != 0;
  return parent;
}

std::optional<TraceContext> trace_context(const Fields& fields, const cache::RequestId& id,
                                          std::uint32_t ratio_millionths) {
  TraceContext context;
  context.span = own_span(id);
  const auto field = only_field(fields, FieldName::traceparent);
  const auto parent = field ? parse_traceparent(*field) : std::nullopt;
  if (!parent) {
    std::ranges::copy(id.bytes, context.trace.begin());
    if (!is_in_ratio(context.trace, ratio_millionths)) return std::nullopt;
    return context;
  }
  if (!parent->sampled) return std::nullopt;
  context.trace = parent->trace;
  context.parent = parent->span;
  const auto state = find_field(fields, FieldName::tracestate).value_or("");
  if (state.size() <= config::limits::kMaxTraceStateBytes) context.state = state;
  return context;
}

}  // namespace foreword::proxy
