// Embeddings: small vectors that depend on the text and on nothing else. Pure.
#pragma once

#include "simulator/errors.h"
#include "simulator/http_message.h"
#include "simulator/json.h"

namespace foreword::simulator {

/// SDKs ask for base64 (little-endian floats) by themselves; both encodings are answered.
[[nodiscard]] Parsed<Reply> embeddings_reply(const json::value& body);

}  // namespace foreword::simulator
