#include "cache/request_id.h"

#include <algorithm>
#include <chrono>

namespace foreword::cache {
namespace {

constexpr std::int64_t kMaxMilliseconds = (std::int64_t{1} << 48) - 1;

/// Writes the low `count` bytes of `value`, highest first.
void put_big_endian(std::uint8_t* out, std::uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<std::uint8_t>(value & 0xff);
    value >>= 8;
  }
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

RequestId make_request_id(config::TimePoint at, std::uint16_t random_high,
                          std::uint64_t random_low) {
  const auto since_1970 = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch();
  const std::int64_t milliseconds =
      std::clamp<std::int64_t>(since_1970.count(), 0, kMaxMilliseconds);
  RequestId id;
  put_big_endian(id.bytes.data(), static_cast<std::uint64_t>(milliseconds), 6);
  put_big_endian(id.bytes.data() + 6, random_high, 2);
  put_big_endian(id.bytes.data() + 8, random_low, 8);
  return id;
}

RequestId first_id_at(config::TimePoint at) {
  return make_request_id(at, 0, 0);
}

std::uint64_t milliseconds_of(const RequestId& id) {
  std::uint64_t milliseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | id.bytes[i];
  return milliseconds;
}

std::string to_text(const RequestId& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(2 * id.bytes.size(), '0');
  auto out = text.begin();
  for (const std::uint8_t byte : id.bytes) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 0x0f];
  }
  return text;
}

std::optional<RequestId> parse_request_id(std::string_view text) {
  RequestId id;
  if (text.size() != 2 * id.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const auto high = hex_digit(text[2 * i]);
    const auto low = hex_digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return id;
}

}  // namespace foreword::cache
