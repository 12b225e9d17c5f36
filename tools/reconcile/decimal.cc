#include "tools/reconcile/decimal.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace foreword::tools {
namespace {

constexpr int kPicoDigits = 12;

/// "-12.5e-3": its sign, its digits "125", and the power of ten of the last of them, -4.
struct Decimal {
  bool negative = false;
  std::string digits;
  int power = 0;
};

bool take_digits(std::string_view& text, std::string& digits) {
  const auto before = digits.size();
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    digits += text.front();
    text.remove_prefix(1);
  }
  return digits.size() > before;
}

std::optional<Decimal> read(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  if (!take_digits(text, decimal.digits)) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto whole = decimal.digits.size();
    if (!take_digits(text, decimal.digits)) return std::nullopt;
    decimal.power = -static_cast<int>(decimal.digits.size() - whole);
  }
  if (text.empty()) return decimal;
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  int exponent = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, exponent);
  constexpr int kMost = 100;
  if (failure != std::errc() || stop != end || exponent > kMost || exponent < -kMost) {
    return std::nullopt;
  }
  decimal.power += exponent;
  return decimal;
}

}  // namespace

std::optional<config::PicodollarTotal> decimal_picodollars(std::string_view text, int down) {
  constexpr std::size_t kMaxBytes = 64;
  if (text.size() > kMaxBytes) return std::nullopt;
  const auto decimal = read(text);
  if (!decimal) return std::nullopt;
  // Digits in front of the picodollar's place, and those behind it that only round.
  const int places = decimal->power - down + kPicoDigits;
  std::string digits = decimal->digits;
  char rounding = '0';
  if (places >= 0) {
    digits.append(static_cast<std::size_t>(places), '0');
  } else {
    const auto cut = static_cast<std::size_t>(-places);
    if (cut <= digits.size()) rounding = digits[digits.size() - cut];
    digits.erase(digits.size() - std::min(cut, digits.size()));
  }
  constexpr config::PicodollarTotal kMost =
      config::PicodollarTotal{1'000'000'000'000} * config::kPicodollarsPerDollar;
  config::PicodollarTotal amount = 0;
  for (const char digit : digits) {
    amount = amount * 10 + (digit - '0');
    if (amount > kMost) return std::nullopt;
  }
  if (rounding >= '5') ++amount;
  return decimal->negative ? -amount : amount;
}

}  // namespace foreword::tools
