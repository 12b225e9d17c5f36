// The store's keys. Private to cache/.
//
//     store     := meta documents versions layers ledger        one column family each
//     meta      := "format" -> decimal digits                   the number kStoreFormat
//     documents := hash     -> normalised text                  a blob; XXH3-128 of the text
//     layers    := hash     -> escaped bytes                    a blob; XXH3-128 of the bytes
//     versions  := KB name  -> records.KbVersion                the current version of that name
//     ledger    := id       -> records.LedgerRow                sorts by time
//     hash      := 16 bytes, high word first                    config::to_bytes
//     id        := 16 bytes: 6 of milliseconds, 10 random       RequestId, all big-endian
//
// Every document and layer is named by at least one version. Pure functions, thread-safe.
#pragma once

#include <cstdint>
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

}  // namespace foreword::cache
