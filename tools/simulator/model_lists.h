// GET /v1/models and GET of one model, in the three shapes that share the path. Pure.
#pragma once

#include <string_view>

#include "simulator/errors.h"
#include "simulator/http_message.h"

namespace foreword::simulator {

/// Pages by `limit`, `after_id` and `before_id`, as SDKs do by themselves.
[[nodiscard]] Reply anthropic_models(const Request& request, std::string_view request_id);
[[nodiscard]] Parsed<Reply> openai_models(std::string_view path);
/// `name` is "" for the list.
[[nodiscard]] Parsed<Reply> gemini_models(std::string_view name);

}  // namespace foreword::simulator
