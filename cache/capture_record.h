// A captured prompt and its answer, as bytes of the store. Private to cache/.
//
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cache/captures.h"
#include "cache/seal.h"

namespace foreword::cache {

/// What a record says to who has no key.
struct CaptureCover {
  RequestId id;
  std::string key_name;
  std::string tag;  // of the prompt: by it the index finds the record
  std::string label;
};

/// Packed, then sealed. `tag`: sealer.tag() of what makes its prompt the same as another one.
[[nodiscard]] config::Result<std::string> encode(const Capture& capture, const Sealer& sealer,
                                                 std::string_view tag);
/// Nothing: it is damaged.
[[nodiscard]] std::optional<CaptureCover> read_cover(const RequestId& id, std::string_view value);
/// Nothing: it is damaged, or was sealed with another key.
[[nodiscard]] std::optional<Capture> open_capture(const CaptureCover& cover, std::string_view value,
                                                  const Sealer& sealer);

}  // namespace foreword::cache
