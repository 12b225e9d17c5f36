// Times as people and scripts read them: RFC 3339, UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/models.h"

namespace foreword::proxy {

/// "2026-11-23T20:15:00.123Z".
[[nodiscard]] std::string to_rfc3339(config::TimePoint at);
/// "2026-11-23T20:15:00Z", with or without a fraction, or a day "2026-11-23" (its begin, UTC).
[[nodiscard]] std::optional<config::TimePoint> parse_rfc3339(std::string_view text);

}  // namespace foreword::proxy
