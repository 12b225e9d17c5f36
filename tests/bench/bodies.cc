#include "bench/bodies.h"

#include <algorithm>

namespace foreword::bench {
namespace {

constexpr std::size_t kMessageBytes = 8 << 10;

constexpr std::string_view kProse =
    "The committee met on Tuesday and agreed that the draft, as it stood, could not be sent. "
    "\\\"Nobody,\\\" said the chair, \\\"has read further than page four.\\\"\\n\\n"
    "Three things were asked for: a summary that fits on one page; figures that add up; and a "
    "date by which someone who was not there could tell what had been decided.\\n- first, the "
    "summary\\n- second, the figures\\n";
constexpr std::string_view kEscaped =
    "\\u041a\\u043e\\u043c\\u0438\\u0442\\u0435\\u0442 "
    "\\u0441\\u043e\\u0431\\u0440\\u0430\\u043b\\u0441\\u044f, ";
constexpr std::string_view kUnescaped = "Комитет собрался во вторник, 委員会は火曜日に開かれた。";
constexpr std::string_view kBase64 =
    "iVBORw0KGgoAAAANSUhEUgAABAAAAAQACAYAAAB/HSuDAAAgAElEQVR4nOzde3hU9Z34";
constexpr std::string_view kTool =
    R"({"name":"find_orders","description":"Finds orders.","input_schema":{"type":"object",)"
    R"("properties":{"customer":{"type":"string"},"since":{"type":"string","format":"date"},)"
    R"("state":{"type":"string","enum":["open","paid","sent"]},"limit":{"type":"integer",)"
    R"("minimum":1,"maximum":100}},"required":["customer"]}})";
constexpr std::string_view kHead =
    R"({"model":"claude-sonnet-5-5","max_tokens":1024,"stream":true)";

std::string repeated(std::string_view text, std::size_t bytes) {
  std::string all;
  all.reserve(bytes + text.size());
  while (all.size() < bytes) all += text;
  return all;
}

/// Conversations whose messages have `message_bytes` of `text` each.
std::string conversation(std::string_view text, std::size_t message_bytes, std::size_t bytes) {
  std::string body(kHead);
  body += R"(,"messages":[)";
  for (bool user = true; body.size() < bytes || user; user = !user) {
    body += user ? R"({"role":"user","content":")" : R"({"role":"assistant","content":")";
    const auto missing = bytes - std::min(bytes, body.size());
    body += repeated(text, std::min(message_bytes, missing)) + "\"},";
  }
  body.back() = ']';
  return body + "}";
}

}  // namespace

std::string make_body(BodyKind kind, std::size_t bytes) {
  switch (kind) {
    case BodyKind::prose:
      return conversation(kProse, kMessageBytes, bytes);
    case BodyKind::escaped:
      return conversation(kEscaped, kMessageBytes, bytes);
    case BodyKind::unescaped:
      return conversation(kUnescaped, kMessageBytes, bytes);
    case BodyKind::chat:
      return conversation("And what is the next step then?", 1, bytes);
    case BodyKind::image:
      return std::string(kHead) +
             R"(,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64",)"
             R"("media_type":"image/png","data":")" +
             repeated(kBase64, bytes) + R"("}},{"type":"text","text":"What is this?"}]}]})";
    case BodyKind::tools:
      break;
  }
  std::string body(kHead);
  body += R"(,"tools":[)" + std::string(kTool);
  while (body.size() < bytes) body.append(",").append(kTool);
  return body + R"(],"messages":[{"role":"user","content":"Which orders are open?"}]})";
}

std::string make_stream(std::size_t bytes) {
  std::string stream =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":"
      "\"claude-sonnet-5-5\",\"usage\":{\"input_tokens\":12,\"cache_read_input_tokens\":172001,"
      "\"output_tokens\":1}}}\n\n";
  while (stream.size() < bytes) {
    stream +=
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
        "\"delta\":{\"type\":\"text_delta\",\"text\":\" which was what\"}}\n\n";
  }
  return stream +
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
         "\"end_turn\"},\"usage\":{\"output_tokens\":230}}\n\n"
         "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

}  // namespace foreword::bench
