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
constexpr std::string_view kBreakpoint30m =
    R"(,"prompt_cache_breakpoint":{"mode":"explicit","ttl":"30m"})";
constexpr std::string_view kBreakpoint12h =
    R"(,"prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"})";

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

bool is_inserted(Placement placement) {
  return placement == Placement::inserted || placement == Placement::inserted_unmarked;
}

Placement placement_of(const BlockForm& form) {
  return form.marks == 0 ? Placement::inserted_unmarked : Placement::inserted;
}

// --- markers behind the client's segments -------------------------------------------------------

constexpr std::string_view kBlockEnd = "}]";
constexpr std::string_view kTextBlock = R"([{"type":"text","text":)";
constexpr std::string_view kInputTextBlock = R"([{"type":"input_text","text":)";
constexpr std::string_view kUserMessage = R"([{"role":"user","content":)";

std::string_view text_of_mark(const Outline& outline, Ttl ttl) {
  if (outline.operation == Operation::messages) return ttl == Ttl::hour_1 ? kMark1h : kMark5m;
  const bool as_usual = (ttl == Ttl::hours_12) == outline.openai.keeps_12h;
  if (as_usual) return kBreakpoint;
  return ttl == Ttl::hours_12 ? kBreakpoint12h : kBreakpoint30m;
}

/// The mark that is placed on this string; empty: none.
std::string_view mark_on(const Plan& plan, const Outline& outline, const Value& string) {
  for (const WantedMark& mark : plan.placed) {
    if (outline.segments[mark.segment].span == string.span) return text_of_mark(outline, mark.ttl);
  }
  return {};
}

/// The string becomes the text of a list of one block.
void mark_string(Plan& plan, const Outline& outline, const Span& string, std::string_view mark) {
  const bool responses = outline.operation == Operation::responses;
  const bool is_input = string == outline.openai.input.span;
  Insertion(plan, string.begin)
      .glue(is_input ? kUserMessage : "")
      .glue(responses ? kInputTextBlock : kTextBlock);
  Insertion(plan, string.end).glue(mark).glue(kBlockEnd).glue(is_input ? kBlockEnd : "");
}

/// `wrapped` is a string that the knowledge base made a block of, mark and all.
void add_marks(Plan& plan, const Outline& outline, const Value& wrapped) {
  for (const WantedMark& mark : plan.placed) {
    const Segment& segment = outline.segments[mark.segment];
    const auto text = text_of_mark(outline, mark.ttl);
    if (segment.markable == Markable::block) {
      Insertion(plan, segment.span.end - 1).glue(text);
    } else if (segment.span != wrapped.span) {
      mark_string(plan, outline, segment.span, text);
    }
  }
}

/// How many of ours still fit one gather write, at four pieces for a string.
std::size_t marks_that_fit(Layers layers) {
  constexpr std::size_t kPieces = config::limits::kMaxGatherPieces - 1;  // and the head
  constexpr std::size_t kPiecesOfPlan = 10;
  constexpr std::size_t kPiecesOfMark = 4;
  const auto taken = kPiecesOfPlan + 2 * layers.size();
  return taken < kPieces ? (kPieces - taken) / kPiecesOfMark : 0;
}

/// Decides about all markers. `layers` go in, and the first `marks` of them in rank carry one.
PlacedMarks choose(Plan& plan, const PlanRequest& request, Layers layers, std::size_t marks) {
  MarkRequest wanted;
  wanted.outline = request.outline;
  if (!request.leave_out.has(Addition::breakpoints)) wanted.wanted = request.marks;
  wanted.knowledge = std::min(marks, layers.size());
  wanted.knowledge_long = request.knowledge_long;
  wanted.explicit_breakpoints = request.model.explicit_breakpoints;
  wanted.most = marks_that_fit(layers);
  PlacedMarks choice = place_marks(wanted);
  plan.placed = choice.placed;
  if (!plan.placed.empty()) plan.added.add(Addition::breakpoints);
  return choice;
}

/// How many of a knowledge base's layers may end in a marker.
std::size_t knowledge_marks(const PlanRequest& request) {
  if (request.leave_out.has(Addition::breakpoints)) return 0;
  return std::min(room_for_marks(*request.outline), request.most_knowledge_marks);
}

// --- Anthropic ----------------------------------------------------------------------------------

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

void wrap_string(Plan& plan, const Value& system, Layers layers, const BlockForm& form,
                 std::string_view mark) {
  {
    Insertion before(plan, system.span.begin);
    before.glue("[");
    add_blocks(before, layers, form);
    before.glue(R"(,{"type":"text","text":)");
  }
  Insertion(plan, system.span.end).glue(mark).glue(kBlockEnd);
}

/// The header stays the first block.
void add_behind_billing_header(Plan& plan, const Span& header, Layers layers,
                               const BlockForm& form) {
  Insertion text(plan, header.end);
  text.glue(",");
  add_blocks(text, layers, form);
}

void insert_in_system(Plan& plan, const Outline& outline, Layers layers, const BlockForm& form) {
  const auto& system = outline.anthropic.system;
  const auto& header = outline.anthropic.billing_header;
  if (system.shape == Shape::absent) {
    NewMembers members(plan, outline.root.begin, outline.root_empty);
    Insertion& text = members.add("system").glue("[");
    add_blocks(text, layers, form);
    text.glue("]");
  } else if (system.shape == Shape::string && system.empty) {
    fill_empty_string(plan, system, layers, form);
  } else if (system.shape == Shape::string) {
    wrap_string(plan, system, layers, form, mark_on(plan, outline, system));
  } else if (header != Span{}) {
    add_behind_billing_header(plan, header, layers, form);
  } else {
    add_elements(plan, system, layers, form);
  }
}

Placement placement_in_system(const Outline& outline, const BlockForm& form) {
  switch (outline.anthropic.system.shape) {
    case Shape::absent:
    case Shape::string:
    case Shape::array:
      return placement_of(form);
    default:
      return Placement::skipped_shape;
  }
}

void plan_anthropic(Plan& plan, const PlanRequest& request) {
  const Outline& outline = *request.outline;
  if (outline.anthropic.has_thread) {
    if (request.knowledge != nullptr) plan.placement = Placement::skipped_thread;
    return;
  }
  if (!outline.anthropic.markers.empty()) plan.clients_own.add(Addition::breakpoints);
  if (outline.anthropic.system.shape == Shape::array) plan.clients_own.add(Addition::knowledge);
  BlockForm form{kTextHead, kMark5m, knowledge_marks(request)};
  if (request.knowledge != nullptr) plan.placement = placement_in_system(outline, form);
  const bool goes_in = is_inserted(plan.placement);
  const Layers layers = goes_in ? request.knowledge->layers : Layers();
  const auto choice = choose(plan, request, layers, form.marks);
  form.mark = choice.knowledge_ttl == Ttl::hour_1 ? kMark1h : kMark5m;
  if (goes_in) {
    insert_in_system(plan, outline, layers, form);
    plan.knowledge_marks = form.marks;
    plan.knowledge_long = choice.knowledge_ttl == Ttl::hour_1;
  }
  add_marks(plan, outline, goes_in ? outline.anthropic.system : Value());
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
  OpenAiMessage message;
  const bool has_developers =
      request.model.explicit_breakpoints && !request.leave_out.has(Addition::developer_role);
  message.role = has_developers ? "developer" : "system";
  if (!openai.first_instruction_role.empty()) message.role = openai.first_instruction_role;
  message.form.head = outline.operation == Operation::responses ? kInputTextHead : kTextHead;
  message.form.mark = kBreakpoint;
  const bool may_be_long = outline.operation == Operation::responses && !openai.has_cache_retention;
  if (request.knowledge_long && may_be_long)
    message.form.mark = text_of_mark(outline, Ttl::hours_12);
  if (request.model.explicit_breakpoints) message.form.marks = knowledge_marks(request);
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

/// Beside prompt_cache_retention some refuse the options.
void set_cache_mode(Plan& plan, const PlanRequest& request, NewMembers& members) {
  const auto& openai = request.outline->openai;
  if (!request.model.explicit_breakpoints || openai.explicit_cache_mode) return;
  plan.implicit_mark = true;
  const bool may = !openai.has_cache_options && !openai.has_cache_retention &&
                   !request.leave_out.has(Addition::breakpoints);
  if (!request.only_marked || !may) return;
  members.add("prompt_cache_options").glue(R"({"mode":"explicit"})");
  plan.added.add(Addition::breakpoints);
  plan.implicit_mark = false;
}

void put_message_first(Plan& plan, const Value& array, const OpenAiMessage& message) {
  Insertion text(plan, array.span.begin + 1);
  message.add_to(text);
  if (!array.empty) text.glue(",");
}

/// A string becomes the content of a user message behind ours: what the API makes of it too.
void wrap_input(Plan& plan, const Value& input, const OpenAiMessage& message,
                std::string_view mark) {
  const bool marked = !mark.empty();
  {
    Insertion before(plan, input.span.begin);
    before.glue("[");
    message.add_to(before);
    before.glue(R"(,{"role":"user","content":)").glue(marked ? kInputTextBlock : "");
  }
  Insertion(plan, input.span.end).glue(mark).glue(marked ? kBlockEnd : "").glue(kBlockEnd);
}

void insert_in_input(Plan& plan, const Outline& outline, const OpenAiMessage& message,
                     NewMembers& root) {
  const Value& input = outline.openai.input;
  if (input.shape == Shape::array) {
    put_message_first(plan, input, message);
  } else if (input.shape == Shape::string) {
    wrap_input(plan, input, message, mark_on(plan, outline, input));
  } else {
    Insertion& text = root.add("input").glue("[");
    message.add_to(text);
    text.glue("]");
  }
}

/// Why nothing goes in front of this prompt; nothing if it can.
std::optional<Placement> obstacle_in_openai(const Outline& outline) {
  const auto& openai = outline.openai;
  if (outline.operation == Operation::chat_completions) {
    if (openai.messages.shape == Shape::array) return std::nullopt;
    return Placement::skipped_shape;
  }
  if (openai.continues_stored_conversation) return Placement::skipped_continuation;
  const auto shape = openai.input.shape;
  if (shape == Shape::array || shape == Shape::string || shape == Shape::absent) {
    return std::nullopt;
  }
  return Placement::skipped_shape;
}

/// What of ours, and of the client's, may be the cause of a refusal.
void note_openai(Plan& plan, const Outline& outline, const OpenAiMessage& message) {
  const bool clients_role = !outline.openai.first_instruction_role.empty();
  if (clients_role) plan.clients_own.add(Addition::knowledge);
  if (!clients_role && message.role == "developer") plan.added.add(Addition::developer_role);
}

void insert_in_openai(Plan& plan, const PlanRequest& request, NewMembers& root) {
  const Outline& outline = *request.outline;
  const auto message = openai_message(outline, request);
  plan.placement = placement_of(message.form);
  choose(plan, request, message.layers, message.form.marks);
  plan.knowledge_marks = message.form.marks;
  plan.knowledge_long = outline.openai.keeps_12h || message.form.mark == kBreakpoint12h;
  note_openai(plan, outline, message);
  if (outline.operation == Operation::chat_completions) {
    put_message_first(plan, outline.openai.messages, message);
  } else {
    insert_in_input(plan, outline, message, root);
  }
  add_marks(plan, outline, outline.openai.input);
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
  if (openai.breakpoints > 0) plan.clients_own.add(Addition::breakpoints);
  const auto obstacle = obstacle_in_openai(outline);
  if (!obstacle) add_cache_key(plan, request, root);
  if (!obstacle) set_cache_mode(plan, request, root);
  if (request.knowledge != nullptr && !obstacle) return insert_in_openai(plan, request, root);
  if (request.knowledge != nullptr) plan.placement = *obstacle;
  choose(plan, request, {}, 0);
  add_marks(plan, outline, Value());
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
  if (plan.placement == Placement::inserted) plan.added.add(Addition::breakpoints);
  if (is_inserted(plan.placement)) plan.added.add(Addition::knowledge);
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
  } else if (outline.operation == Operation::messages) {
    plan_anthropic(result, effective);
  } else if (outline.operation == Operation::generate_content && effective.knowledge != nullptr) {
    plan_gemini(result, outline, *effective.knowledge);
  }
  note_knowledge(result);
  // Several at one place stay in the order in which they were planned.
  std::ranges::stable_sort(result.edits, {}, &Edit::at);
  return result;
}

}  // namespace foreword::assembler
