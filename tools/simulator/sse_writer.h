// Server-sent events as each provider spells them: named, bare, or bare with CRLF line ends.
//
// Pure; JSON never holds a raw line end, so one `data:` line is enough.
#pragma once

#include <string>
#include <string_view>

#include "simulator/json.h"

namespace foreword::simulator {

/// Anthropic and OpenAI Responses: "event: NAME", then the data.
[[nodiscard]] std::string sse_event(std::string_view name, const json::object& data);
/// OpenAI Chat Completions.
[[nodiscard]] std::string sse_data(const json::object& data);
/// Gemini with alt=sse.
[[nodiscard]] std::string sse_data_crlf(const json::object& data);

}  // namespace foreword::simulator
