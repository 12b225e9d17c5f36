// The store's keys. Private to cache/.
//
//     store     := meta documents versions layers ledger history old_versions unfinished
//                  token_counts rollups prefixes captures
//                  capture_index
//                                                               one column family each
//     meta      := "format" -> decimal digits                   the number kStoreFormat
//                  "price import ", 8 bytes of number -> records.PriceImport    from 1, big-endian
//                  "rollups" -> "built", or id              the first row that is not in them yet
//                  "rows kept from" -> decimal digits       an hour since 1970: older rows are gone
//     documents := hash     -> normalised text                  a blob; XXH3-128 of the text
//     layers    := hash, hash 1, hash 2... -> escaped bytes     blobs; XXH3-128 of all the bytes:
//                                                               pieces of kLayerPieceBytes, the
//                                                               last one shorter. Once it was one
//                                                               piece
//     versions  := KB name  -> records.KbVersion                the current version of that name
//     ledger    := id       -> records.LedgerRow                sorts by time
//     history   := kept     -> records.KbHistoryEntry           of every kept version
//     old_versions := kept  -> records.KbVersion                a blob; of all but the current one
//     unfinished := "documents", "layers" -> hashes in a row    what a publish is about to write
//     and
//                                                               no version names yet
//     token_counts := hash of a layer, model -> decimal digits
//     rollups   := resolution, dimension, number, text -> records.Rollup
//                                                               "d" or "h"; "m", "k", "l" or "u";
//                                                               4 bytes of days or hours since
//                                                               1970, big-endian; the model's name,
//                                                               say
//     prefixes  := piece    -> bytes                            PrefixMemory::save() names them
//     captures  := id       -> records.SealedCapture            a blob; the request's own id
//     capture_index := tag  -> records.CaptureEntry             16 bytes of a prompt (seal.h): the
//                                                               record that it has
//     kept      := KB name, 0x00, 8 bytes of sequence           big-endian; a name has no 0x00
//     hash      := 16 bytes, high word first                    config::to_bytes
//     id        := 16 bytes: 6 of milliseconds, 10 random       RequestId, all big-endian
//
// Every document and layer is named by at least one kept version, or by `unfinished`. The numbers
// behind a layer's hash are 4 bytes, big-endian. Pure functions, thread-safe.
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

/// What the family `rollups` holds; a store without the entry is of a time before it.
inline constexpr std::string_view kRollupsKey = "rollups";
inline constexpr std::string_view kRollupsBuilt = "built";
inline constexpr std::string_view kRowsKeptKey = "rows kept from";

[[nodiscard]] inline std::string ledger_key(const RequestId& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

/// A layer's bytes are written this many at a time: what RocksDB holds of a value, it holds several
/// times.
inline constexpr std::size_t kLayerPieceBytes = std::size_t{1} << 20;

/// Of the first piece (0) its hash alone.
[[nodiscard]] inline std::string layer_key(std::string_view hash, std::uint32_t piece) {
  std::string key(hash);
  if (piece == 0) return key;
  for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(piece >> shift);
  return key;
}
[[nodiscard]] inline std::string token_count_key(std::string_view hash, std::string_view model) {
  return std::string(hash) + std::string(model);
}
/// Behind all pieces of a layer and behind all its counts, and in front of the next layer.
[[nodiscard]] inline std::string layer_end(std::string_view hash) {
  return std::string(hash) + "\xff\xff\xff\xff\xff";
}

inline constexpr std::string_view kPriceImportKey = "price import ";
[[nodiscard]] inline std::string price_import_key(std::uint64_t number) {
  std::string key(kPriceImportKey);
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(number >> shift);
  return key;
}
/// Behind all of them.
[[nodiscard]] inline std::string price_imports_end() {
  return "price import!";
}
/// REQUIRES: `key` is one of price_import_key().
[[nodiscard]] inline std::uint64_t price_import_number(std::string_view key) {
  std::uint64_t number = 0;
  for (const char byte : key.substr(kPriceImportKey.size())) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
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
