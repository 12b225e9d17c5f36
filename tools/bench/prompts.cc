#include "tools/bench/prompts.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

namespace foreword::bench {
namespace {

constexpr std::size_t kTurnBytes = 8'000;

constexpr std::string_view kProse =
    "The cache holds what was read before, so that a second reader need not wait for it. "
    "A prefix that changes by one byte is another prefix, and nothing that follows it is found. "
    "Größe und Öffnung: Straße, naïve café, 料金は安くなる. "
    "What is written down once can be read by everybody, at any time, and costs nothing to keep. ";

/// As JSON has it: a line of text, its end escaped, quotes escaped.
std::string json_text(std::size_t bytes) {
  std::string line(kProse);
  line += R"(He said \"yes\", and went on.\n)";
  std::string out;
  while (out.size() + line.size() <= bytes) out += line;
  out.append(bytes - out.size(), '.');
  return out;
}

std::string turn(std::size_t number, std::string_view text) {
  return fmt::format(R"({{"role":"{}","content":"{}"}})", number % 2 == 0 ? "user" : "assistant",
                     text);
}

std::string chunk(std::string_view data) {
  return fmt::format("{:x}\r\n{}\r\n", data.size(), data);
}

std::string event(std::string_view name, std::string_view data) {
  return chunk(fmt::format("event: {}\ndata: {}\n\n", name, data));
}

}  // namespace

std::string conversation(std::size_t bytes, bool stream) {
  assert(bytes >= 512);
  std::string out = fmt::format(R"({{"model":"claude-sonnet-5-5","max_tokens":256,"stream":{},)"
                                R"("system":"Answer briefly.","messages":[)",
                                stream);
  constexpr std::string_view kEnd = "]}";
  const auto empty_turn = turn(1, "").size() + 1;  // and its comma
  const auto text = json_text(kTurnBytes);
  std::size_t number = 0;
  for (; out.size() + 2 * empty_turn + text.size() + kEnd.size() <= bytes; ++number) {
    out += turn(number, text);
    out += ',';
  }
  const auto last = turn(number, "").size();
  out += turn(number, json_text(bytes - out.size() - last - kEnd.size()));
  out += kEnd;
  return out;
}

std::string document(std::size_t bytes) {
  std::string out;
  for (std::size_t section = 1; out.size() < bytes; ++section) {
    out += fmt::format("## Section {}\n\n", section);
    for (int line = 0; line < 12; ++line) {
      out += kProse;
      out += "He said \"yes\", and went on.\n";
    }
    out += "\n";
  }
  return out;
}

std::string request_head(const Route& route, std::size_t body_bytes,
                         const std::optional<StreamShape>& stream) {
  auto head = fmt::format(
      "POST {}/v1/messages HTTP/1.1\r\n"
      "Host: 127.0.0.1\r\n"
      "User-Agent: foreword-bench\r\n"
      "Accept: application/json\r\n"
      "X-Api-Key: not-a-key\r\n"
      "Anthropic-Version: 2023-06-01\r\n"
      "Content-Type: application/json\r\n"
      "Content-Length: {}\r\n",
      route.path, body_bytes);
  head += route.fields;
  if (stream) {
    head += fmt::format("{}: {},{}\r\n", kStreamField, stream->events, stream->interval_ms);
  }
  return head + "\r\n";
}

const std::string& answer_body() {
  static const std::string body =
      R"({"id":"msg_01BenchBenchBenchBench","type":"message","role":"assistant",)"
      R"("model":"claude-sonnet-5-5","content":[{"type":"text","text":"The answer is yes: a )"
      R"(prefix that stays the same is read from the cache, at a tenth of its price."}],)"
      R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":25,)"
      R"("cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":27}})";
  return body;
}

std::string answer(std::size_t received_bytes) {
  return fmt::format(
      "HTTP/1.1 200 OK\r\n"
      "Content-Type: application/json\r\n"
      "Request-Id: req_01BenchBenchBenchBench\r\n"
      "{}: {}\r\n"
      "Content-Length: {}\r\n\r\n{}",
      kReceivedField, received_bytes, answer_body().size(), answer_body());
}

std::string stream_beginning() {
  return "HTTP/1.1 200 OK\r\n"
         "Content-Type: text/event-stream\r\n"
         "Cache-Control: no-cache\r\n"
         "Transfer-Encoding: chunked\r\n\r\n" +
         event("message_start",
               R"({"type":"message_start","message":{"id":"msg_01Bench","type":"message",)"
               R"("role":"assistant","model":"claude-sonnet-5-5","content":[],"stop_reason":null,)"
               R"("usage":{"input_tokens":25,"output_tokens":1}}})") +
         event("content_block_start", R"({"type":"content_block_start","index":0,)"
                                      R"("content_block":{"type":"text","text":""}})");
}

const std::string& stream_event() {
  static const std::string text =
      event("content_block_delta", R"({"type":"content_block_delta","index":0,)"
                                   R"("delta":{"type":"text_delta","text":"a few more words"}})");
  return text;
}

const std::string& stream_end() {
  static const std::string text =
      event("content_block_stop", R"({"type":"content_block_stop","index":0})") +
      event("message_delta",
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)"
            R"("usage":{"output_tokens":64}})") +
      event("message_stop", R"({"type":"message_stop"})") + std::string(kLastChunk);
  return text;
}

}  // namespace foreword::bench
