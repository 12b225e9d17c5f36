#include "tools/documents/skipped.h"

#include <map>

#include <fmt/format.h>
#include <simdjson.h>

namespace foreword::tools {
namespace {

constexpr std::size_t kListedPerReason = 20;

/// Bytes at the front of `text` that a terminal would act on: C1 controls, and U+200E, U+200F,
/// U+2028 to U+202E, U+2066 to U+2069. REQUIRES: UTF-8.
std::size_t acting_bytes(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() >= 2 && at(0) == 0xC2 && at(1) >= 0x80 && at(1) < 0xA0) return 2;
  if (text.size() < 3 || at(0) != 0xE2) return 0;
  const bool marks = at(1) == 0x80 && (at(2) == 0x8E || at(2) == 0x8F);
  const bool embeddings = at(1) == 0x80 && at(2) >= 0xA8 && at(2) <= 0xAE;
  const bool isolates = at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9;
  return marks || embeddings || isolates ? 3 : 0;
}

}  // namespace

std::string printable(std::string_view name) {
  const bool utf8 = simdjson::validate_utf8(name.data(), name.size());
  std::string out;
  std::size_t escaped = 0;  // bytes from here on that have to be
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (utf8 && escaped == 0) escaped = acting_bytes(name.substr(i));
    if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7F || escaped > 0 || (c >= 0x80 && !utf8)) {
      out += fmt::format("\\x{:02x}", c);
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      out += name[i];
    }
    if (escaped > 0) --escaped;
  }
  return out;
}

void print_skipped(std::FILE* out, const std::vector<Skipped>& skipped) {
  std::map<std::string_view, std::size_t> seen;
  for (const auto& [path, reason, on_purpose] : skipped) {
    if (++seen[reason] > kListedPerReason) continue;
    fmt::print(out, "skipped {}: {}\n", printable(path), printable(reason));
  }
  for (const auto& [reason, count] : seen) {
    if (count <= kListedPerReason) continue;
    fmt::print(out, "skipped {} more: {}\n", count - kListedPerReason, printable(reason));
  }
}

}  // namespace foreword::tools
