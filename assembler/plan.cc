#include "assembler/plan.h"

#include <algorithm>

#include "assembler/insertion.h"
#include "assembler/layer.h"
#include "config/limits.h"

namespace foreword::assembler {
namespace {

using config::Operation;

/// One JSON object per layer: head, the escaped text, `"`, and `}`; up to `marks` of them carry
/// `mark`.
struct BlockForm {
  std::string_view head;
  std::string_view mark;
  std::size_t marks = 0;

  [[nodiscard]] std::string_view mark_of(const KnowledgeLayer& layer) const {
    return layer.mark_rank < marks ? mark : std::string_view();
  }
};

constexpr std::string_view kTextHead = R"({"type":"text","text":")";
constexpr std::string_view kInputTextHead = R"({"type":"input_text","text":")";
constexpr std::string_view kGeminiHead = R"({"text":")";
constexpr std::string_view kMark5m = R"(,"cache_control":{"type":"ephemeral"})";
constexpr std::string_view kMark1h = R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})";
constexpr std::string_view kBreakpoint = R"(,"prompt_cache_breakpoint":{"mode":"explicit"})";

using Layers = std::span<const KnowledgeLayer>;

void add_text(Insertion& text, const KnowledgeLayer& layer) {
  text.glue(layer.opening).layer(layer.escaped).glue(layer.closing);
}

void add_blocks(Insertion& text, Layers layers, const BlockForm& form) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (i > 0) text.glue(",");
    text.glue(form.head);
    add_text(text, layers[i]);
    text.glue("\"").glue(form.mark_of(layers[i])).glue("}");
  }
}

/// Elements in front of those that an array has.
void add_elements(Plan& plan, const Value& array, Layers layers, const BlockForm& form) {
  Insertion text(plan, array.span.begin + 1);
  add_blocks(text, layers, form);
  if (!array.empty) text.glue(",");
}

/// How many the client has left us.
std::size_t room_for_marks(std::size_t limit, std::size_t taken) {
  return limit - std::min(limit, taken);
}

Placement placement_of(const BlockForm& form) {
  return form.marks == 0 ? Placement::inserted_unmarked : Placement::inserted;
}

// --- Anthropic ----------------------------------------------------------------------------------

/// The breakpoint that blocks of ours may carry.
std::string_view anthropic_mark(const std::vector<Marker>& markers) {
  const bool later_1h = std::ranges::any_of(markers, [](const Marker& marker) {
    return marker.place != Place::tools && marker.ttl == Ttl::hour_1;
  });
  const bool earlier_5m = std::ranges::any_of(markers, [](const Marker& marker) {
    return marker.place == Place::tools && marker.ttl == Ttl::minutes_5;
  });
  return later_1h && !earlier_5m ? kMark1h : kMark5m;
}

/// An empty text block is refused, so the client's own two quotes become those of our last block.
void fill_empty_string(Plan& plan, const Value& system, Layers layers, const BlockForm& form) {
  const auto& last = layers.back();
  {
    Insertion before(plan, system.span.begin);
    before.glue("[");
    add_blocks(before, layers.first(layers.size() - 1), form);
    if (layers.size() > 1) before.glue(",");
    before.glue(form.head.substr(0, form.head.size() - 1));
  }
  {
    Insertion inside(plan, system.span.begin + 1);
    add_text(inside, last);
  }
  Insertion(plan, system.span.end).glue(form.mark_of(last)).glue("}]");
}

void wrap_string(Plan& plan, const Value& system, Layers layers, const BlockForm& form) {
  {
    Insertion before(plan, system.span.begin);
    before.glue("[");
    add_blocks(before, layers, form);
    before.glue(R"(,{"type":"text","text":)");
  }
  Insertion(plan, system.span.end).glue("}]");
}

void plan_anthropic(Plan& plan, const Outline& outline, const KnowledgeView& knowledge,
                    Additions leave_out) {
  const auto& system = outline.anthropic.system;
  if (outline.anthropic.has_thread) {
    plan.placement = Placement::skipped_thread;
    return;
  }
  const auto& markers = outline.anthropic.markers;
  BlockForm form{kTextHead, anthropic_mark(markers), 0};
  if (!leave_out.has(Addition::breakpoints)) {
    form.marks = room_for_marks(config::limits::kAnthropicMaxBreakpoints, markers.size());
  }
  plan.placement = placement_of(form);
  if (!markers.empty()) plan.clients_own.add(Addition::breakpoints);
  if (system.shape == Shape::array) plan.clients_own.add(Addition::knowledge);
  if (system.shape == Shape::absent) {
    NewMembers members(plan, outline.root.begin, outline.root_empty);
    Insertion& text = members.add("system").glue("[");
    add_blocks(text, knowledge.layers, form);
    text.glue("]");
  } else if (system.shape == Shape::string && system.empty) {
    fill_empty_string(plan, system, knowledge.layers, form);
  } else if (system.shape == Shape::string) {
    wrap_string(plan, system, knowledge.layers, form);
  } else if (system.shape == Shape::array) {
    add_elements(plan, system, knowledge.layers, form);
  } else {
    plan.placement = Placement::skipped_shape;
  }
}

// --- OpenAI -------------------------------------------------------------------------------------

/// The message that holds the knowledge base, without a comma behind it.
struct OpenAiMessage {
  std::string_view role;
  BlockForm form;
  Layers layers;

  void add_to(Insertion& text) const {
    text.glue(R"({"role":")").glue(role).glue(R"(","content":[)");
    add_blocks(text, layers, form);
    text.glue("]}");
  }
};

OpenAiMessage openai_message(const Outline& outline, const PlanRequest& request) {
  const auto& openai = outline.openai;
  const auto limit = openai.explicit_cache_mode ? config::limits::kOpenAiMaxBreakpointsExplicit
                                                : config::limits::kOpenAiMaxBreakpointsImplicit;
  OpenAiMessage message;
  const bool has_developers =
      request.model.explicit_breakpoints && !request.leave_out.has(Addition::developer_role);
  message.role = has_developers ? "developer" : "system";
  if (!openai.first_instruction_role.empty()) message.role = openai.first_instruction_role;
  message.form.head = outline.operation == Operation::responses ? kInputTextHead : kTextHead;
  message.form.mark = kBreakpoint;
  if (request.model.explicit_breakpoints && !request.leave_out.has(Addition::breakpoints)) {
    message.form.marks = room_for_marks(limit, openai.breakpoints);
  }
  message.layers = request.knowledge->layers;
  return message;
}

void add_cache_key(Plan& plan, const PlanRequest& request, NewMembers& members) {
  const auto key = request.cache_key;
  if (request.outline->openai.has_prompt_cache_key || key.empty()) return;
  if (request.leave_out.has(Addition::cache_key)) return;
  members.add("prompt_cache_key").glue("\"").glue(escape_json(key)).glue("\"");
  plan.added.add(Addition::cache_key);
}

void put_message_first(Plan& plan, const Value& array, const OpenAiMessage& message) {
  Insertion text(plan, array.span.begin + 1);
  message.add_to(text);
  if (!array.empty) text.glue(",");
}

/// A string becomes the content of a user message behind ours: what the API makes of it too.
void wrap_input(Plan& plan, const Value& input, const OpenAiMessage& message) {
  {
    Insertion before(plan, input.span.begin);
    before.glue("[");
    message.add_to(before);
    before.glue(R"(,{"role":"user","content":)");
  }
  Insertion(plan, input.span.end).glue("}]");
}

void put_message(Plan& plan, const Value& input, const OpenAiMessage& message, NewMembers& root) {
  if (input.shape == Shape::array) {
    put_message_first(plan, input, message);
  } else if (input.shape == Shape::string) {
    wrap_input(plan, input, message);
  } else {
    Insertion& text = root.add("input").glue("[");
    message.add_to(text);
    text.glue("]");
  }
}

/// Why nothing goes in front of this prompt; `none`: it does.
Placement find_obstacle(const Outline& outline) {
  const auto& openai = outline.openai;
  if (outline.operation == Operation::chat_completions) {
    return openai.messages.shape == Shape::array ? Placement::none : Placement::skipped_shape;
  }
  if (openai.continues_stored_conversation) return Placement::skipped_continuation;
  const auto shape = openai.input.shape;
  const bool takes_it = shape == Shape::array || shape == Shape::string || shape == Shape::absent;
  return takes_it ? Placement::none : Placement::skipped_shape;
}

/// What the planner can tell of a boolean without the body: "true" has one byte less than "false".
bool is_true(const Value& value) {
  return value.shape == Shape::boolean && value.span.size() == 4;
}

void replace(Plan& plan, const Value& value, std::string_view text) {
  plan.edits.push_back({value.span.begin, value.span.size(), text});
  plan.strip_usage_chunk = true;
}

/// Asks a stream for its usage: the only edits that erase, since null and false have to go. Shapes
/// that the API refuses are left for it to refuse.
void ask_for_usage(Plan& plan, const Outline& outline, NewMembers& root) {
  const Value& options = outline.openai.stream_options;
  const Value& usage = outline.openai.include_usage;
  if (!outline.stream || is_true(usage)) return;
  if (options.shape == Shape::absent) {
    root.add("stream_options").glue(R"({"include_usage":true})");
    plan.strip_usage_chunk = true;
  } else if (options.shape == Shape::null) {
    replace(plan, options, R"({"include_usage":true})");
  } else if (options.shape == Shape::object && usage.shape == Shape::absent) {
    NewMembers(plan, options.span.begin, options.empty).add("include_usage").glue("true");
    plan.strip_usage_chunk = true;
  } else if (usage.shape == Shape::null || usage.shape == Shape::boolean) {
    replace(plan, usage, "true");
  }
}

void plan_openai(Plan& plan, const PlanRequest& request) {
  const Outline& outline = *request.outline;
  const auto& openai = outline.openai;
  const bool chat = outline.operation == Operation::chat_completions;
  NewMembers root(plan, outline.root.begin, outline.root_empty);
  if (chat && !request.leave_out.has(Addition::usage)) ask_for_usage(plan, outline, root);
  if (plan.strip_usage_chunk) plan.added.add(Addition::usage);
  if (openai.stream_options.shape == Shape::object) plan.clients_own.add(Addition::usage);
  const auto obstacle = find_obstacle(outline);
  if (obstacle != Placement::none) {
    if (request.knowledge != nullptr) plan.placement = obstacle;
    return;
  }
  add_cache_key(plan, request, root);
  if (request.knowledge == nullptr) return;
  const auto message = openai_message(outline, request);
  plan.placement = placement_of(message.form);
  const bool clients_role = !openai.first_instruction_role.empty();
  if (clients_role) plan.clients_own.add(Addition::knowledge);
  if (!clients_role && message.role == "developer") plan.added.add(Addition::developer_role);
  if (openai.breakpoints > 0) plan.clients_own.add(Addition::breakpoints);
  put_message(plan, chat ? openai.messages : openai.input, message, root);
}

// --- Gemini -------------------------------------------------------------------------------------

void plan_gemini(Plan& plan, const Outline& outline, const KnowledgeView& knowledge) {
  const auto& gemini = outline.gemini;
  if (gemini.has_cached_content) {
    plan.placement = Placement::skipped_cached_content;
    return;
  }
  const BlockForm form{kGeminiHead, {}, 0};
  const Value& instruction = gemini.system_instruction;
  plan.placement = Placement::inserted_unmarked;
  if (instruction.present()) plan.clients_own.add(Addition::knowledge);
  if (instruction.shape == Shape::absent) {
    NewMembers members(plan, outline.root.begin, outline.root_empty);
    Insertion& text = members.add("systemInstruction").glue(R"({"parts":[)");
    add_blocks(text, knowledge.layers, form);
    text.glue("]}");
  } else if (instruction.shape == Shape::object && gemini.parts.shape == Shape::absent) {
    NewMembers members(plan, instruction.span.begin, instruction.empty);
    Insertion& text = members.add("parts").glue("[");
    add_blocks(text, knowledge.layers, form);
    text.glue("]");
  } else if (instruction.shape == Shape::object && gemini.parts.shape == Shape::array) {
    add_elements(plan, gemini.parts, knowledge.layers, form);
  } else {
    plan.placement = Placement::skipped_shape;
  }
}

void note_knowledge(Plan& plan) {
  const bool marked = plan.placement == Placement::inserted;
  if (marked) plan.added.add(Addition::breakpoints);
  if (marked || plan.placement == Placement::inserted_unmarked) {
    plan.added.add(Addition::knowledge);
  }
}

}  // namespace

std::string_view name_of(Addition addition) {
  switch (addition) {
    case Addition::knowledge:
      return "knowledge";
    case Addition::breakpoints:
      return "breakpoints";
    case Addition::cache_key:
      return "prompt_cache_key";
    case Addition::usage:
      return "stream_options";
    case Addition::developer_role:
      return "developer_role";
  }
  return "unknown";
}

std::string_view name_of(Placement placement) {
  switch (placement) {
    case Placement::none:
      return "none";
    case Placement::inserted:
      return "inserted";
    case Placement::inserted_unmarked:
      return "inserted_unmarked";
    case Placement::skipped_thread:
      return "skipped_thread";
    case Placement::skipped_continuation:
      return "skipped_continuation";
    case Placement::skipped_cached_content:
      return "skipped_cached_content";
    case Placement::skipped_shape:
      return "skipped_shape";
    case Placement::refused:
      return "refused";
  }
  return "unknown";
}

Plan plan(const PlanRequest& request) {
  const Outline& outline = *request.outline;
  PlanRequest effective = request;
  if (request.knowledge != nullptr && request.knowledge->layers.empty()) {
    effective.knowledge = nullptr;
  }
  Plan result;
  if (effective.knowledge != nullptr && request.leave_out.has(Addition::knowledge)) {
    effective.knowledge = nullptr;
    result.placement = Placement::refused;
  }
  const auto provider_of_openai =
      outline.operation == Operation::chat_completions || outline.operation == Operation::responses;
  if (provider_of_openai) {
    plan_openai(result, effective);
  } else if (effective.knowledge == nullptr) {
    return result;
  } else if (outline.operation == Operation::messages) {
    plan_anthropic(result, outline, *effective.knowledge, request.leave_out);
  } else if (outline.operation == Operation::generate_content) {
    plan_gemini(result, outline, *effective.knowledge);
  }
  note_knowledge(result);
  // Several at one place stay in the order in which they were planned.
  std::ranges::stable_sort(result.edits, {}, &Edit::at);
  return result;
}

}  // namespace foreword::assembler
