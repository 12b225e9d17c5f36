// The store's keys. Private to cache/.
//
//     store     := meta documents versions layers ledger history old_versions
//                                                               one column family each
//     meta      := "format" -> decimal digits                   the number kStoreFormat
//     documents := hash     -> normalised text                  a blob; XXH3-128 of the text
//     layers    := hash     -> escaped bytes                    a blob; XXH3-128 of the bytes
//     versions  := KB name  -> records.KbVersion                the current version of that name
//     ledger    := id       -> records.LedgerRow                sorts by time
//     history   := kept     -> records.KbHistoryEntry           of every kept version
//     old_versions := kept  -> records.KbVersion                a blob; of all but the current one
//     kept      := KB name, 0x00, 8 bytes of sequence           big-endian; a name has no 0x00
//     hash      := 16 bytes, high word first                    config::to_bytes
//     id        := 16 bytes: 6 of milliseconds, 10 random       RequestId, all big-endian
//
// Every document and layer is named by at least one kept version. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/request_id.h"

namespace foreword::cache {

/// Raised when a program of before could misread what is written now.
inline constexpr std::uint32_t kStoreFormat = 1;
inline constexpr std::string_view kFormatKey = "format";

[[nodiscard]] inline std::string ledger_key(const RequestId& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

[[nodiscard]] inline std::string kept_key(std::string_view name, std::uint64_t sequence) {
  std::string key(name);
  key += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(sequence >> shift);
  return key;
}
struct KeptKey {
  std::string_view name;
  std::uint64_t sequence = 0;
};
/// Nothing: `key` is none of kept_key(). A view into it.
[[nodiscard]] inline std::optional<KeptKey> parse_kept_key(std::string_view key) {
  constexpr std::size_t kTail = 1 + sizeof(std::uint64_t);
  if (key.size() < kTail || key[key.size() - kTail] != '\0') return std::nullopt;
  KeptKey parsed{key.substr(0, key.size() - kTail), 0};
  for (const char byte : key.substr(key.size() - kTail + 1)) {
    parsed.sequence = parsed.sequence << 8 | static_cast<unsigned char>(byte);
  }
  return parsed;
}

}  // namespace foreword::cache
