#include "config/money.h"

#include <algorithm>

namespace foreword::config {
namespace {

constexpr int kFractionDigits = 12;

}  // namespace

std::string to_usd(PicodollarTotal amount) {
  const bool negative = amount < 0;
  // Unsigned, so that the least value has a magnitude too.
  __extension__ using Magnitude = unsigned __int128;
  auto rest = negative ? -static_cast<Magnitude>(amount) : static_cast<Magnitude>(amount);

  std::string reversed;
  for (int digits = 0; rest != 0 || digits <= kFractionDigits; ++digits) {
    if (digits == kFractionDigits) reversed += '.';
    reversed += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) reversed += '-';

  std::string text(reversed.rbegin(), reversed.rend());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace foreword::config
