// Requests to measure with, in the shapes that prompts have.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace foreword::bench {

enum class BodyKind : std::uint8_t {
  prose,      // a few messages of English text with line feeds and quotes, escaped
  image,      // one in base64
  escaped,    // text that is no English, every letter written as \uXXXX
  unescaped,  // the same as UTF-8
  chat,       // many small messages
  tools,      // tool schemas: almost nothing but punctuation
};

inline constexpr std::array<std::string_view, 6> kBodyKindNames = {"prose",     "image", "escaped",
                                                                   "unescaped", "chat",  "tools"};

/// A Messages request of about `bytes` bytes.
[[nodiscard]] std::string make_body(BodyKind kind, std::size_t bytes);

/// A streamed answer of about `bytes` bytes, as the Messages API sends them.
[[nodiscard]] std::string make_stream(std::size_t bytes);

}  // namespace foreword::bench
