// The messages of the bench: requests and answers in the shape of Anthropic's API. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace foreword::bench {

/// A stream that the stub is asked for.
struct StreamShape {
  std::size_t events = 0;
  std::size_t interval_ms = 0;
};

/// The head field by which a request asks for a stream: "EVENTS,INTERVAL_MS".
inline constexpr std::string_view kStreamField = "x-bench-stream";
/// The head field in which the stub says how many bytes of body it has read.
inline constexpr std::string_view kReceivedField = "x-bench-received";
/// Stands once in each event of a stream that stands for text.
inline constexpr std::string_view kEventMark = "event: content_block_delta";
/// The end of a stream's chunks.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// A conversation of exactly that many bytes of JSON: turns of about 8 KB, with what prompts are
/// full of (line ends, quotes, some bytes that are not ASCII). REQUIRES: at least 512.
[[nodiscard]] std::string conversation(std::size_t bytes, bool stream);
/// About that many bytes of Markdown.
[[nodiscard]] std::string document(std::size_t bytes);

/// What one proxy wants of requests that another does not.
struct Route {
  std::string path;    // in front of /v1/messages
  std::string fields;  // of the head, each with its line end
};

/// A POST of `body_bytes` to /v1/messages by that route.
[[nodiscard]] std::string request_head(const Route& route, std::size_t body_bytes,
                                       const std::optional<StreamShape>& stream);

/// What the stub answers to a plain request, whole.
[[nodiscard]] const std::string& answer_body();
[[nodiscard]] std::string answer(std::size_t received_bytes);

/// The parts of a stream, each in a chunk of its own.
[[nodiscard]] std::string stream_beginning();
[[nodiscard]] const std::string& stream_event();
[[nodiscard]] const std::string& stream_end();

}  // namespace foreword::bench
