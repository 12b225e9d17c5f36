#include "simulator/openai_prompt.h"

#include <algorithm>

#include <fmt/format.h>

namespace foreword::simulator {
namespace {

ApiError unsupported_parameter(std::string_view name) {
  return {400, fmt::format("Unsupported parameter: '{}' is not supported with this model.", name),
          std::string(name), "unsupported_parameter"};
}

ApiError unknown_parameter(const std::string& name) {
  return {400, fmt::format("Unknown parameter: '{}'.", name), name, "unknown_parameter"};
}

ApiError invalid_value(const std::string& name, std::string_view value,
                       std::string_view supported) {
  return {400, fmt::format("Invalid value: '{}'. Supported values are: {}.", value, supported),
          name, "invalid_value"};
}

ApiError missing(const std::string& name) {
  return {400, fmt::format("Missing required parameter: '{}'.", name), name,
          "missing_required_parameter"};
}

Parsed<OpenAiTtl> read_ttl(const json::value& holder, const std::string& path, OpenAiTtl otherwise,
                           Dialect dialect) {
  const std::string_view ttl = text_member(holder, "ttl");
  if (ttl.empty()) return otherwise;
  if (ttl == "30m") return OpenAiTtl::half_hour;
  const bool takes_12h = dialect == Dialect::openai_responses;
  if (ttl == "12h" && takes_12h) return OpenAiTtl::twelve_hours;
  return invalid_value(path + ".ttl", ttl, takes_12h ? "'30m' and '12h'" : "'30m'");
}

enum class Speaker : std::uint8_t { developer, user, tool, assistant };

Speaker speaker_of(std::string_view role) {
  if (role == "developer" || role == "system") return Speaker::developer;
  if (role == "user") return Speaker::user;
  return role == "tool" || role == "function" ? Speaker::tool : Speaker::assistant;
}

/// Reads one request of either API; `mark` and the walk over parts are the same in both.
class Reader {
 public:
  Reader(Dialect dialect, const config::Model& model, const OpenAiCacheOptions& options,
         TokenMemo& memo)
      : dialect_(dialect),
        model_(model),
        options_(options),
        builder_(piece_bytes_for(model), memo) {}

  Parsed<void> tools(const json::value& body);
  void schema(const json::value* format);
  Parsed<void> message(const json::value& message, const std::string& path);
  Parsed<void> item(const json::value& item, const std::string& path);
  void text_message(std::string_view role, std::string_view text);
  TokenPrompt finish();

 private:
  Parsed<void> content(const json::value& content, std::string_view role, const std::string& path);
  Parsed<void> part(const json::value& part, std::string_view role, const std::string& path);
  Parsed<void> refuse_marker(const json::value& value, const std::string& path);
  void end_message(std::string_view role);

  Dialect dialect_;
  const config::Model& model_;
  const OpenAiCacheOptions& options_;
  TokenPromptBuilder builder_;
  struct MessageEnd {
    std::uint64_t position;
    Speaker speaker;
  };
  std::vector<MessageEnd> ends_;
};

Parsed<void> Reader::tools(const json::value& body) {
  const json::array* tools = array_member(body, "tools");
  if (tools == nullptr) return {};
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const json::value& tool = (*tools)[i];
    if (auto checked = refuse_marker(tool, fmt::format("tools[{}]", i)); !checked) return checked;
    builder_.add_json(tool);
  }
  return {};
}

void Reader::schema(const json::value* format) {
  if (format != nullptr) builder_.add_json(*format);
}

Parsed<void> Reader::refuse_marker(const json::value& value, const std::string& path) {
  if (member(value, "prompt_cache_breakpoint") == nullptr) return {};
  return unknown_parameter(path + ".prompt_cache_breakpoint");
}

Parsed<void> Reader::message(const json::value& message, const std::string& path) {
  const std::string_view role = text_member(message, "role");
  if (role.empty()) return missing(path + ".role");
  if (auto checked = refuse_marker(message, path); !checked) return checked;
  builder_.add_role(role);
  if (const json::value* parts = member(message, "content")) {
    if (auto read = content(*parts, role, path + ".content"); !read) return read;
  }
  for (const std::string_view calls : {"tool_calls", "function_call"}) {
    if (const json::value* call = member(message, calls)) builder_.add_json(*call);
  }
  end_message(role);
  return {};
}

/// An input item of the Responses API: a message, or something that only its type tells.
Parsed<void> Reader::item(const json::value& item, const std::string& path) {
  const std::string_view type = text_member(item, "type");
  if (type.empty() || type == "message") return message(item, path);
  if (auto checked = refuse_marker(item, path); !checked) return checked;
  const bool is_output = type.ends_with("_output");
  builder_.add_role(type);
  const json::value* output = member(item, "output");
  if (is_output && output != nullptr) {
    // Tool outputs may be lists of parts, which may carry breakpoints.
    if (auto read = content(*output, "tool", path + ".output"); !read) return read;
  } else {
    builder_.add_json(item);
  }
  end_message(is_output ? "tool" : "assistant");
  return {};
}

void Reader::text_message(std::string_view role, std::string_view text) {
  builder_.add_role(role);
  builder_.add_text(text, role);
  end_message(role);
}

Parsed<void> Reader::content(const json::value& content, std::string_view role,
                             const std::string& path) {
  if (const json::string* text = content.if_string()) {
    builder_.add_text({text->data(), text->size()}, role);
    return {};
  }
  const json::array* parts = content.if_array();
  for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
    if (auto read = part((*parts)[i], role, fmt::format("{}[{}]", path, i)); !read) return read;
  }
  return {};
}

Parsed<void> Reader::part(const json::value& part, std::string_view role, const std::string& path) {
  const std::string_view type = text_member(part, "type");
  if (type.find("text") != type.npos || type == "refusal") {
    builder_.add_text(text_member(part, "text"), role);
  } else {
    builder_.add_media(part);
  }
  const json::value* marker = member(part, "prompt_cache_breakpoint");
  if (marker == nullptr) return {};
  if (!model_.explicit_breakpoints) return unsupported_parameter("prompt_cache_breakpoint");
  if (role == "assistant") return unknown_parameter(path + ".prompt_cache_breakpoint");
  const std::string where = path + ".prompt_cache_breakpoint";
  if (text_member(*marker, "mode") != "explicit") {
    return invalid_value(where + ".mode", text_member(*marker, "mode"), "'explicit'");
  }
  const auto ttl = read_ttl(*marker, where, options_.ttl, dialect_);
  if (!ttl) return ttl.error();
  builder_.mark(*ttl);
  return {};
}

void Reader::end_message(std::string_view role) {
  ends_.push_back({builder_.boundary().position, speaker_of(role)});
}

/// The implied breakpoint may stand behind each user message, but only behind the last of a run of
/// tool outputs, and of developer messages only behind the run that opens the prompt.
TokenPrompt Reader::finish() {
  builder_.add_role("assistant");  // what opens the answer: behind every breakpoint
  TokenPrompt prompt = builder_.finish();
  auto boundary = prompt.boundaries.begin();
  bool in_opening = true;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const MessageEnd& end = ends_[i];
    while (boundary->position != end.position) ++boundary;
    const bool ends_run = i + 1 == ends_.size() || ends_[i + 1].speaker != end.speaker;
    in_opening = in_opening && end.speaker == Speaker::developer;
    boundary->is_developer_end = in_opening && ends_run;
    boundary->is_message_end = end.speaker == Speaker::user ||
                               (end.speaker == Speaker::tool && ends_run) ||
                               boundary->is_developer_end;
  }
  return prompt;
}

std::string response_format_bytes(const json::value& body) {
  if (const json::value* text = member(body, "text")) return member_bytes(*text, "format");
  return member_bytes(body, "response_format");
}

}  // namespace

bool is_reasoning_model(const config::Model& model) {
  const std::string_view name = model.name;
  return name.starts_with("gpt-5") || name.starts_with("gpt-6") || name.starts_with("o1") ||
         name.starts_with("o3") || name.starts_with("o4");
}

Parsed<OpenAiCacheOptions> read_cache_options(const json::value& body, Dialect dialect,
                                              const config::Model& model) {
  OpenAiCacheOptions options;
  const json::value* given = member(body, "prompt_cache_options");
  if (given == nullptr) return options;
  if (!model.explicit_breakpoints) return unsupported_parameter("prompt_cache_options");
  const std::string_view mode = text_member(*given, "mode");
  if (!mode.empty() && mode != "implicit" && mode != "explicit") {
    return invalid_value("prompt_cache_options.mode", mode, "'implicit' and 'explicit'");
  }
  const auto ttl = read_ttl(*given, "prompt_cache_options", OpenAiTtl::half_hour, dialect);
  if (!ttl) return ttl.error();
  options.is_explicit = mode == "explicit";
  options.ttl = *ttl;
  options.prewarm = dialect == Dialect::openai_responses && is_true(*given, "prewarm");
  return options;
}

Parsed<bool> keeps_prefixes_a_day(const json::value& body, const config::Model& model,
                                  bool zero_data_retention) {
  constexpr std::string_view kName = "prompt_cache_retention";
  constexpr std::string_view kCapable[] = {"gpt-5.5", "gpt-5.4", "gpt-5.2", "gpt-5.1", "gpt-4.1"};
  const auto is_of = [&](std::string_view family) { return model.name.starts_with(family); };
  const bool only_a_day = is_of("gpt-5.5");
  const bool can = model.name == "gpt-5" || model.name == "gpt-5-codex" ||
                   std::any_of(std::begin(kCapable), std::end(kCapable), is_of);
  const std::string_view asked = text_member(body, kName);
  if (asked.empty()) return can && (only_a_day || !zero_data_retention);
  if (asked == "24h") return can ? Parsed<bool>(true) : Parsed<bool>(unsupported_parameter(kName));
  if (asked != "in_memory" && asked != "in-memory") {
    return invalid_value(std::string(kName), asked, "'in_memory' and '24h'");
  }
  if (only_a_day) return invalid_value(std::string(kName), asked, "'24h'");
  return false;
}

std::string cache_breaking_settings(const json::value& body) {
  std::string settings = "calls" + member_bytes(body, "parallel_tool_calls") + "format" +
                         response_format_bytes(body) + "tier" + member_bytes(body, "service_tier") +
                         "effort" + member_bytes(body, "reasoning_effort") + "verbosity" +
                         member_bytes(body, "verbosity");
  if (const json::value* reasoning = member(body, "reasoning")) {
    settings += member_bytes(*reasoning, "effort");
  }
  if (const json::value* text = member(body, "text")) settings += member_bytes(*text, "verbosity");
  return settings;
}

Parsed<TokenPrompt> read_chat_prompt(const json::value& body, const config::Model& model,
                                     const OpenAiCacheOptions& options, TokenMemo& memo) {
  const json::array* messages = array_member(body, "messages");
  if (messages == nullptr) return missing("messages");
  if (messages->empty()) {
    return ApiError{400,
                    "Invalid 'messages': empty array. Expected an array with minimum length 1, "
                    "but got an empty array instead.",
                    "messages", "empty_array"};
  }
  Reader reader(Dialect::openai_chat, model, options, memo);
  if (auto read = reader.tools(body); !read) return read.error();
  reader.schema(member(body, "response_format"));
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const auto read = reader.message((*messages)[i], fmt::format("messages[{}]", i));
    if (!read) return read.error();
  }
  return reader.finish();
}

Parsed<TokenPrompt> read_responses_prompt(const json::value& body,
                                          std::span<const json::value* const> earlier,
                                          const config::Model& model,
                                          const OpenAiCacheOptions& options, TokenMemo& memo) {
  const json::value* input = member(body, "input");
  if (input == nullptr && earlier.empty()) return missing("input");
  Reader reader(Dialect::openai_responses, model, options, memo);
  if (auto read = reader.tools(body); !read) return read.error();
  if (const json::value* text = member(body, "text")) reader.schema(member(*text, "format"));
  const std::string_view instructions = text_member(body, "instructions");
  if (!instructions.empty()) reader.text_message("developer", instructions);
  for (const json::value* item : earlier) {
    if (auto read = reader.item(*item, "previous_response_id"); !read) return read.error();
  }
  if (input == nullptr) return reader.finish();
  if (const json::string* text = input->if_string()) {
    reader.text_message("user", {text->data(), text->size()});
  }
  const json::array* items = input->if_array();
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    if (auto read = reader.item((*items)[i], fmt::format("input[{}]", i)); !read)
      return read.error();
  }
  return reader.finish();
}

}  // namespace foreword::simulator
