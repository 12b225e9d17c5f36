// The vocabulary of every folder: which API a request speaks, and what it asks of it.
//
// The numbers of both enums are stored in the ledger: add at the end, never renumber.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace foreword::config {

enum class Provider : std::uint8_t { anthropic = 1, openai = 2, gemini = 3 };

/// The operations whose bodies are prompts; `other` is everything that only passes through.
enum class Operation : std::uint8_t {
  other = 0,
  messages = 1,          // Anthropic  POST /v1/messages
  chat_completions = 2,  // OpenAI     POST /v1/chat/completions
  responses = 3,         // OpenAI     POST /v1/responses
  generate_content = 4,  // Gemini     POST /{v1,v1beta}/models/M:{generate,streamGenerate}Content
};

/// What the proxy may do to a request; DESIGN words: off, observe, optimize.
enum class Mode : std::uint8_t {
  off = 0,       // bytes pass, nothing is recorded
  observe = 1,   // bytes pass, a ledger row is written
  optimize = 2,  // the knowledge base and breakpoints go in, a ledger row is written
};

[[nodiscard]] std::string_view name_of(Provider provider);
[[nodiscard]] std::string_view name_of(Operation operation);
[[nodiscard]] std::string_view name_of(Mode mode);

[[nodiscard]] std::optional<Provider> parse_provider(std::string_view name);
[[nodiscard]] std::optional<Operation> parse_operation(std::string_view name);
[[nodiscard]] std::optional<Mode> parse_mode(std::string_view name);

}  // namespace foreword::config
