#include "config/price_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "config/finetune.h"

namespace foreword::config {
namespace {

/// 10,000 USD per million tokens: keeps every product below 128 bits by far.
constexpr std::size_t kMaxWholeDigits = 4;
/// One millionth of a dollar per million tokens is one picodollar per token.
constexpr std::size_t kPriceDecimals = 6;
constexpr Picodollars kTokensPerPrice = 1'000'000;

std::optional<int> parse_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::optional<TimePoint> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_digits(text.substr(0, 4));
  const auto month = parse_digits(text.substr(5, 2));
  const auto day = parse_digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<Picodollars> parse_price(std::string_view text) {
  const auto dot = text.find('.');
  const auto whole = text.substr(0, dot);
  const auto decimals = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  if (whole.empty() || whole.size() > kMaxWholeDigits) return std::nullopt;
  if (dot != std::string_view::npos && decimals.empty()) return std::nullopt;
  if (decimals.size() > kPriceDecimals) return std::nullopt;

  std::string digits(whole);
  digits += decimals;
  digits.append(kPriceDecimals - decimals.size(), '0');
  const bool plain = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!plain) return std::nullopt;
  Picodollars price = 0;
  for (const char digit : digits) price = price * 10 + (digit - '0');
  return price;
}

std::string date_text(TimePoint at) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

std::string price_text(Picodollars per_token) {
  return to_usd(static_cast<PicodollarTotal>(per_token) * kTokensPerPrice);
}

std::optional<Picodollars> parse_usd_per_day(std::string_view text) {
  constexpr Millionths kMost = 1'000'000 * kOne;
  const auto dollars = parse_millionths(text);
  if (!dollars || *dollars < 0 || *dollars > kMost) return std::nullopt;
  return *dollars * (kPicodollarsPerDollar / kOne);
}

}  // namespace foreword::config
