// A knowledge base's version as it is stored. Private to cache/.
//
// Pure functions, thread-safe. What cannot be read is an Error, never a crash.
#pragma once

#include <string>
#include <string_view>

#include "cache/knowledge.h"
#include "config/result.h"

namespace foreword::cache {

/// The value under which a version is stored (protobuf, cache/records.proto), and back.
[[nodiscard]] std::string encode(const KbVersion& version);
[[nodiscard]] config::Result<KbVersion> decode_kb_version(std::string_view value);

}  // namespace foreword::cache
