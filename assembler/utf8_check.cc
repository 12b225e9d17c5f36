#include "assembler/utf8_check.h"

#include <algorithm>

#include <simdjson.h>

namespace foreword::assembler {
namespace {

/// How many bytes a character has that begins with `lead`.
std::size_t length_of(unsigned char lead) {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

/// Where the last character begins if it is not all there, else the end.
std::size_t end_of_whole_characters(std::string_view text) {
  constexpr std::size_t kMostMissing = 3;
  for (std::size_t back = 1; back <= std::min(kMostMissing, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    const bool continues = (byte & 0xc0) == 0x80;
    if (continues) continue;
    return length_of(byte) > back ? text.size() - back : text.size();
  }
  return text.size();
}

}  // namespace

bool Utf8Check::feed(std::string_view text, bool ascii) {
  const bool nothing_open = checked_ == seen_;
  seen_ = text.size();
  if (ascii && nothing_open) {
    checked_ = seen_;
    return true;
  }
  return check(text, end_of_whole_characters(text.substr(checked_)) + checked_);
}

bool Utf8Check::finish(std::string_view text) {
  return check(text, text.size());
}

bool Utf8Check::check(std::string_view text, std::size_t end) {
  const bool valid = simdjson::validate_utf8(text.data() + checked_, end - checked_);
  checked_ = end;
  return valid;
}

}  // namespace foreword::assembler
