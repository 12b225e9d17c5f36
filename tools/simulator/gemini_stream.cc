#include "simulator/gemini_stream.h"

#include "simulator/json.h"
#include "simulator/sse_writer.h"

namespace foreword::simulator {
namespace {

json::array text_modality(std::uint64_t tokens) {
  json::array details;
  details.push_back(json::object{{"modality", "TEXT"}, {"tokenCount", tokens}});
  return details;
}

json::object usage_of(const GeminiResponse& response, std::uint64_t candidate_tokens) {
  json::object usage = {{"promptTokenCount", response.prompt_tokens}};
  if (candidate_tokens > 0) usage["candidatesTokenCount"] = candidate_tokens;
  usage["totalTokenCount"] = response.prompt_tokens + candidate_tokens + response.thought_tokens;
  usage["promptTokensDetails"] = text_modality(response.prompt_tokens);
  if (response.cached_tokens > 0) {
    usage["cachedContentTokenCount"] = response.cached_tokens;
    usage["cacheTokensDetails"] = text_modality(response.cached_tokens);
  }
  if (response.thought_tokens > 0) usage["thoughtsTokenCount"] = response.thought_tokens;
  return usage;
}

json::object chunk(const GeminiResponse& response, std::string_view text,
                   std::uint64_t candidate_tokens, bool is_last) {
  json::array parts;
  parts.push_back(json::object{{"text", text}});
  json::object candidate = {
      {"content", json::object{{"parts", std::move(parts)}, {"role", "model"}}}};
  if (is_last) candidate["finishReason"] = response.answer.is_cut ? "MAX_TOKENS" : "STOP";
  candidate["index"] = 0;
  json::array candidates;
  candidates.push_back(std::move(candidate));
  return {{"candidates", std::move(candidates)},
          {"usageMetadata", usage_of(response, candidate_tokens)},
          {"modelVersion", response.model},
          {"responseId", response.id}};
}

}  // namespace

std::string gemini_body(const GeminiResponse& response) {
  return json::serialize(chunk(response, response.answer.text(), response.answer.tokens(), true));
}

std::vector<Event> gemini_events(const GeminiResponse& response, bool as_sse) {
  std::vector<Event> events;
  const auto& deltas = response.answer.deltas;
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const bool is_last = i + 1 == deltas.size();
    const auto data = chunk(response, deltas[i].text, deltas[i].tokens_so_far, is_last);
    const std::string in_array = (i == 0 ? "[" : ",\r\n") + json::serialize(data);
    events.push_back({as_sse ? sse_data_crlf(data) : in_array,
                      response.thought_tokens + deltas[i].tokens_so_far});
  }
  if (!as_sse)
    events.push_back(
        {deltas.empty() ? "[]" : "]", response.thought_tokens + response.answer.tokens()});
  return events;
}

}  // namespace foreword::simulator
