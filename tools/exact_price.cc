#include "tools/exact_price.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <string>

#include "config/models.h"

namespace foreword::tools {
namespace {

/// 10,000 USD per million tokens has eleven digits.
constexpr std::size_t kMaxPriceDigits = 11;
constexpr config::Picodollars kMaxPrice = 10'000'000'000;

/// mantissa x 10^exponent, without zeros at either end of the mantissa; 0 has none.
struct Decimal {
  bool negative = false;
  std::string mantissa;
  int exponent = 0;
};

bool take_digits(std::string_view& text, std::string& digits) {
  const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
  digits += text.substr(0, count);
  text.remove_prefix(count);
  return count > 0;
}

/// A JSON number digit by digit: what a double makes of "3e-06" is not 0.000003.
std::optional<Decimal> parse_decimal(std::string_view text) {
  constexpr int kMaxExponent = 10'000;
  Decimal number;
  number.negative = text.starts_with('-');
  if (number.negative) text.remove_prefix(1);
  if (!take_digits(text, number.mantissa)) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto whole = number.mantissa.size();
    if (!take_digits(text, number.mantissa)) return std::nullopt;
    number.exponent = -static_cast<int>(number.mantissa.size() - whole);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool below = text.starts_with('-');
    if (below || text.starts_with('+')) text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
    int exponent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error == std::errc::result_out_of_range) exponent = kMaxExponent;
    if (error == std::errc::invalid_argument) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    exponent = std::min(exponent, kMaxExponent);
    number.exponent += below ? -exponent : exponent;
  }
  if (!text.empty()) return std::nullopt;
  number.mantissa.erase(0, number.mantissa.find_first_not_of('0'));
  while (number.mantissa.ends_with('0')) {
    number.mantissa.pop_back();
    ++number.exponent;
  }
  return number;
}

std::int64_t whole(std::string_view digits) {
  std::int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

}  // namespace

config::Result<ExactPrice> exact_price(std::string_view json_value) {
  constexpr int kPicoDigits = 12;
  /// So many nines or zeros behind the point are a float's doing.
  constexpr std::size_t kNoise = 4;
  if (json_value.starts_with('"')) return config::Error{"a price is text"};
  if (json_value == "NaN" || json_value.ends_with("Infinity")) {
    return config::Error{"a price is not finite"};
  }
  const auto number = parse_decimal(json_value);
  if (!number) return config::Error{"a price is no number"};
  if (number->mantissa.empty()) return ExactPrice{};
  if (number->negative) return config::Error{"a price is negative"};
  const auto size = static_cast<int>(number->mantissa.size());
  const int exponent = number->exponent + kPicoDigits;
  if (size + exponent > static_cast<int>(kMaxPriceDigits))
    return config::Error{"a price is absurdly high"};
  ExactPrice price;
  if (exponent >= 0) {
    price.picodollars =
        whole(number->mantissa + std::string(static_cast<std::size_t>(exponent), '0'));
  } else {
    const auto point = static_cast<std::size_t>(std::max(size + exponent, 0));
    auto behind = number->mantissa.substr(point);
    behind.insert(0, static_cast<std::size_t>(std::max(-(size + exponent), 0)), '0');
    const auto noise = behind.substr(0, kNoise);
    const bool up = noise == std::string(kNoise, '9');
    const bool down = noise == std::string(kNoise, '0') && point > 0;
    if (!up && !down) return config::Error{"a price is a fraction of a picodollar"};
    price.picodollars = whole(std::string_view(number->mantissa).substr(0, point)) + (up ? 1 : 0);
    price.rounded = true;
  }
  if (price.picodollars >= kMaxPrice) return config::Error{"a price is absurdly high"};
  return price;
}

std::optional<std::pair<std::int64_t, std::int64_t>> exact_ratio(std::int64_t numerator,
                                                                 std::int64_t denominator) {
  if (numerator <= 0 || denominator <= 0) return std::nullopt;
  const auto shared = std::gcd(numerator, denominator);
  numerator /= shared;
  denominator /= shared;
  if (std::max(numerator, denominator) > config::kMaxModifierPart) return std::nullopt;
  return std::pair{numerator, denominator};
}

std::optional<std::pair<std::int64_t, std::int64_t>> exact_factor(std::string_view text) {
  const auto number = parse_decimal(text);
  constexpr int kMaxDigits = 6;
  if (!number || number->negative || number->mantissa.empty()) return std::nullopt;
  if (number->mantissa.size() > kMaxDigits || std::abs(number->exponent) > kMaxDigits) {
    return std::nullopt;
  }
  std::int64_t above = whole(number->mantissa);
  std::int64_t below = 1;
  for (int i = 0; i < number->exponent; ++i) above *= 10;
  for (int i = 0; i > number->exponent; --i) below *= 10;
  return exact_ratio(above, below);
}

std::optional<std::uint64_t> exact_count(std::string_view json_value) {
  constexpr int kMaxDigits = 9;
  const auto number = parse_decimal(json_value);
  if (!number || number->negative || number->mantissa.empty() || number->exponent < 0) {
    return std::nullopt;
  }
  const auto size = static_cast<int>(number->mantissa.size());
  if (size > kMaxDigits || number->exponent > kMaxDigits - size) return std::nullopt;
  const std::string zeros(static_cast<std::size_t>(number->exponent), '0');
  return static_cast<std::uint64_t>(whole(number->mantissa + zeros));
}

bool is_zero(std::string_view json_value) {
  const auto number = parse_decimal(json_value);
  return number && number->mantissa.empty();
}

}  // namespace foreword::tools
