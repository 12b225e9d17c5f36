// A provider's report for tests, with numbers to choose.
#pragma once

#include <cstdint>
#include <string>

namespace foreword::tools {

/// Of claude-sonnet-5-5, on 2026-11-23, as one page of Anthropic's usage_report/messages.
[[nodiscard]] inline std::string anthropic_usage(std::int64_t uncached, std::int64_t written_5m,
                                                 std::int64_t written_1h, std::int64_t read,
                                                 std::int64_t output) {
  return R"({"data":[{"starting_at":"2026-11-23T00:00:00Z","ending_at":"2026-11-24T00:00:00Z",)"
         R"("results":[{"api_key_id":null,"workspace_id":null,"model":"claude-sonnet-5-5",)"
         R"("service_tier":"standard","context_window":"0-200k","uncached_input_tokens":)" +
         std::to_string(uncached) + R"(,"cache_creation":{"ephemeral_5m_input_tokens":)" +
         std::to_string(written_5m) + R"(,"ephemeral_1h_input_tokens":)" +
         std::to_string(written_1h) + R"(},"cache_read_input_tokens":)" + std::to_string(read) +
         R"(,"output_tokens":)" + std::to_string(output) +
         R"(,"server_tool_use":{"web_search_requests":0}}]}],"has_more":false,"next_page":null})";
}

}  // namespace foreword::tools
