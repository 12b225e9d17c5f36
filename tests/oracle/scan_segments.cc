#include "oracle/scan_segments.h"

#include <algorithm>
#include <functional>
#include <span>
#include <string>

#include "config/hash_stream.h"
#include "oracle/json_tree.h"

namespace foreword::oracle {
namespace {

using assembler::Markable;
using assembler::Outline;
using assembler::Segment;
using assembler::SegmentKind;
using assembler::Shape;
using assembler::Ttl;
using config::Hash128;
using config::Operation;
using config::xxh3_128;
using Names = std::vector<std::string_view>;

bool one_of(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string_view text_of(const Node* node) {
  return node != nullptr && node->is(Shape::string) ? std::string_view(node->text)
                                                    : std::string_view();
}

std::uint8_t bit(Ttl ttl) {
  return static_cast<std::uint8_t>(1 << static_cast<int>(ttl));
}

/// What differs between the providers.
struct Dialect {
  std::string_view marker = "\xff";  // which is no name in JSON
  Names types = {};                  // that take markers
  std::string_view text_type = "";
  Names lists = {};  // members of a message that hold blocks
  Names media = {};  // members of a block that are no text
  bool nests = false;
};

class Describer {
 public:
  Describer(Outline& outline, std::string_view body, Dialect dialect)
      : outline_(outline), body_(body), dialect_(std::move(dialect)) {}

  [[nodiscard]] std::string_view at(std::size_t begin, std::size_t end) const {
    return body_.substr(begin, end - begin);
  }
  [[nodiscard]] std::string_view at(const Node& node) const { return at(node.begin(), node.end()); }

  /// An object without its marker members.
  std::string without_markers(const Node& object) const {
    if (!object.is(Shape::object) || object.members.empty()) return std::string(at(object));
    std::string text(at(object.begin(), object.members[0].name_begin));
    bool kept = false;
    std::size_t last_end = 0;
    for (const Member& member : object.members) {
      if (member.name != dialect_.marker) {
        if (kept) text += at(last_end, member.name_begin);
        text += at(member.name_begin, member.value.begin());
        text += member.name == "content" && dialect_.nests ? list_without_markers(member.value)
                                                           : std::string(at(member.value));
        kept = true;
      }
      last_end = member.value.end();
    }
    return text + std::string(kept ? at(last_end, object.end()) : "}");
  }

  std::string list_without_markers(const Node& list) const {
    if (!list.is(Shape::array)) return std::string(at(list));
    std::string text;
    std::size_t done = list.begin();
    for (const Node& element : list.elements) {
      text += at(done, element.begin());
      text += without_markers(element);
      done = element.end();
    }
    return text + std::string(at(done, list.end()));
  }

  void add_markers(const Node& marker, std::uint8_t& markers) const {
    if (marker.is(Shape::null)) return;
    const auto ttl = text_of(marker.last("ttl"));
    const bool keeps_12h = outline_.openai.keeps_12h;
    if (outline_.operation == Operation::messages) {
      markers |= bit(ttl == "1h" ? Ttl::hour_1 : Ttl::minutes_5);
    } else {
      markers |= bit(ttl == "12h" || (ttl != "30m" && keeps_12h) ? Ttl::hours_12 : Ttl::minutes_30);
    }
  }

  /// Markers, pictures and citations of a block and of the blocks in its content.
  void look_into(const Node& block, Segment& segment, std::size_t& media_bytes, bool nested) {
    for (const Node* marker : block.all(dialect_.marker)) add_markers(*marker, segment.markers);
    for (const std::string_view name : dialect_.media) {
      for (const Node* media : block.all(name)) {
        if (name == "source" && (!media->is(Shape::object) || is_text_source(*media))) continue;
        if (name == "source" && !nested && segment.kind != SegmentKind::message_block) continue;
        segment.media = true;
        media_bytes += media->value.span.size();
      }
    }
    if (!dialect_.nests) return;
    const bool is_tool = segment.kind == SegmentKind::tool && !nested;
    for (const Node* type : block.all("type")) has_image_ |= !is_tool && type->says("image");
    for (const Node* citations : block.all("citations")) {
      for (const Node* enabled : citations->all("enabled")) {
        has_citations_ |= !is_tool && at(*enabled) == "true";
      }
    }
    for (const Node* content : block.all("content")) {
      for (const Node& inner : content->elements) look_into(inner, segment, media_bytes, true);
    }
  }

  static bool is_text_source(const Node& source) {
    const auto type = text_of(source.last("type"));
    return type == "text" || type == "content";
  }

  Segment block(SegmentKind kind, const Node& node) {
    Segment segment;
    segment.kind = kind;
    segment.span = node.value.span;
    std::size_t media_bytes = 0;
    look_into(node, segment, media_bytes, false);
    const auto content = without_markers(node);
    segment.hash = xxh3_128(content);
    const Node* text = kind == SegmentKind::tool ? nullptr : node.last("text");
    const bool has_text = text != nullptr && text->is(Shape::string);
    segment.text_bytes = static_cast<std::uint32_t>(has_text ? text->value.span.size() - 2
                                                             : content.size() - media_bytes);
    const bool free = segment.markers == 0 && node.all(dialect_.marker).empty();
    const auto type = text_of(node.last("type"));
    const bool may = one_of(dialect_.types, type) &&
                     (type != dialect_.text_type || (has_text && segment.text_bytes > 0));
    if (free && may) segment.markable = Markable::block;
    return segment;
  }

  Segment string(SegmentKind kind, const Node& node) const {
    Segment segment;
    segment.kind = kind;
    segment.span = node.value.span;
    segment.text_bytes = static_cast<std::uint32_t>(node.value.span.size() - 2);
    segment.hash = xxh3_128(at(node));
    segment.markable = node.value.empty ? Markable::no : Markable::string;
    return segment;
  }

  /// An element of the conversation.
  void item(const Node& node, bool blocks_may, bool strings_may) {
    std::vector<Segment> segments;
    std::vector<std::string> around(1, std::string());
    std::size_t done = node.begin();
    Segment whole;
    std::size_t media = 0;
    std::size_t calls = 0;
    for (const Member& member : node.members) {
      if (outline_.operation == Operation::chat_completions && member.name == "tool_calls") {
        calls += member.value.value.span.size();
      }
      if (!one_of(dialect_.lists, member.name)) continue;
      if (member.value.is(Shape::array)) {
        around.back() += at(done, member.value.begin());
        done = member.value.end();
        around.emplace_back();
        for (const Node& element : member.value.elements) {
          segments.push_back(block(SegmentKind::message_block, element));
          if (!blocks_may) segments.back().markable = Markable::no;
        }
      } else if (member.value.is(Shape::string) && member.name != "parts") {
        segments.push_back(string(SegmentKind::message_block, member.value));
        segments.back().hash = {};
        if (!strings_may) segments.back().markable = Markable::no;
      } else if (member.value.is(Shape::object) && member.name == "output") {
        around.back() += at(done, member.value.begin());
        around.back() += without_markers(member.value);
        done = member.value.end();
        for (const Node* marker : member.value.all(dialect_.marker)) {
          add_markers(*marker, whole.markers);
        }
        for (const Node* each : member.value.all("image_url")) media += each->value.span.size();
      }
    }
    around.back() += at(done, node.end());
    finish_item(node, segments, around, whole, media, calls);
  }

  void finish_item(const Node& node, std::vector<Segment>& segments,
                   const std::vector<std::string>& around, Segment whole, std::size_t media,
                   std::size_t calls) {
    Hash128 hash = xxh3_128(around[0]);
    std::size_t bytes = around[0].size();
    for (std::size_t i = 1; i < around.size(); ++i) {
      hash = config::combine(hash, xxh3_128(around[i]));
      bytes += around[i].size();
    }
    if (segments.empty()) {
      whole.kind = SegmentKind::message_block;
      whole.span = node.value.span;
      whole.media = media > 0;
      whole.text_bytes = static_cast<std::uint32_t>(bytes - media);
      segments.push_back(whole);
    } else {
      segments.back().text_bytes += static_cast<std::uint32_t>(calls);
    }
    for (Segment& segment : segments) {
      segment.hash = around.size() == 1 ? hash : config::combine(segment.hash, hash);
      outline_.segments.push_back(segment);
    }
  }

  void level(SegmentKind level, std::string_view name, const Node* value) {
    if (value == nullptr || value->is(Shape::null)) return;
    add_to_level(level, name, xxh3_128(at(*value)));
  }
  void levels(SegmentKind kind, const Node& object, const Names& names) {
    for (const auto name : names) {
      for (const Node* value : object.all(name)) level(kind, name, value);
    }
  }
  void add_to_level(SegmentKind level, std::string_view name, const Hash128& value) {
    const auto member = config::combine(xxh3_128(name), value);
    auto& sum = outline_.level_hash[static_cast<std::size_t>(level)];
    sum = {sum.high + member.high, sum.low + member.low};
  }

  void add_notes() {
    const auto yes = xxh3_128("true");
    if (has_image_) add_to_level(SegmentKind::message_block, "image", yes);
    if (has_citations_) add_to_level(SegmentKind::system_block, "citations", yes);
  }

 private:
  Outline& outline_;
  std::string_view body_;
  Dialect dialect_;
  bool has_image_ = false;
  bool has_citations_ = false;
};

const Node& member_or_nothing(const Node& root, std::string_view name) {
  static const Node kNothing;
  const Node* found = root.last(name);
  return found != nullptr ? *found : kNothing;
}

void describe_anthropic(Outline& outline, std::string_view body, const Node& root) {
  Describer to(outline, body,
               {.marker = "cache_control",
                .types = {"text", "image", "document", "tool_use", "tool_result"},
                .text_type = "text",
                .lists = {"content"},
                .media = {"source"},
                .nests = true});
  for (const Node& tool : member_or_nothing(root, "tools").elements) {
    Segment segment = to.block(SegmentKind::tool, tool);
    const Node* deferred = tool.last("defer_loading");
    const bool may = tool.is(Shape::object) && !tool.members.empty() && segment.markers == 0 &&
                     tool.all("cache_control").empty() &&
                     (deferred == nullptr || to.at(*deferred) != "true");
    segment.markable = may ? Markable::block : Markable::no;
    outline.segments.push_back(segment);
  }
  const Node& system = member_or_nothing(root, "system");
  for (const Node& block : system.elements) {
    Segment segment = to.block(SegmentKind::system_block, block);
    if (text_of(block.last("type")) != "text") segment.markable = Markable::no;
    const Node* text = block.last("text");
    if (&block == &system.elements.front() && text != nullptr && text->is(Shape::string)) {
      const auto raw = to.at(text->begin() + 1, text->end() - 1);
      if (raw.starts_with("x-anthropic-billing-header")) {
        outline.anthropic.billing_header = segment.span;
        segment.markable = Markable::no;
        segment.hash = xxh3_128(raw.substr(0, raw.find("cch=")));
      }
    }
    outline.segments.push_back(segment);
  }
  if (system.is(Shape::string)) {
    outline.segments.push_back(to.string(SegmentKind::system_block, system));
  }
  for (const Node& message : member_or_nothing(root, "messages").elements) {
    const auto role = text_of(message.last("role"));
    const bool may = role == "user" || role == "assistant";
    to.item(message, may, may);
  }
  to.add_notes();
  to.levels(SegmentKind::tool, root, {"thread", "mcp_servers"});
  to.levels(SegmentKind::system_block, root, {"speed", "output_format"});
  to.levels(SegmentKind::message_block, root, {"tool_choice", "thinking", "context_management"});
  for (const Node* config : root.all("output_config")) {
    to.levels(SegmentKind::system_block, *config, {"format"});
    to.levels(SegmentKind::message_block, *config, {"effort"});
  }
}

void describe_tools(Outline& outline, std::string_view body, const Node& root) {
  Describer to(outline, body, {});
  for (const Node& tool : member_or_nothing(root, "tools").elements) {
    outline.segments.push_back(to.block(SegmentKind::tool, tool));
  }
}

void describe_cache_options(Outline& outline, const Node& root) {
  for (const Node* options : root.all("prompt_cache_options")) {
    for (const Node* ttl : options->all("ttl")) outline.openai.keeps_12h = ttl->says("12h");
  }
  for (const Node* retention : root.all("prompt_cache_retention")) {
    outline.openai.has_cache_retention = !retention->is(Shape::null);
  }
}

void describe_chat(Outline& outline, std::string_view body, const Node& root) {
  describe_cache_options(outline, root);
  describe_tools(outline, body, root);
  Describer to(outline, body,
               {.marker = "prompt_cache_breakpoint",
                .types = {"text", "image_url", "input_audio", "file"},
                .text_type = "text",
                .lists = {"content", "output"},
                .media = {"image_url", "input_audio", "file"}});
  for (const Node& message : member_or_nothing(root, "messages").elements) {
    const bool may = one_of({"user", "system", "developer", "tool"}, text_of(message.last("role")));
    to.item(message, may, may);
  }
  to.levels(SegmentKind::tool, root,
            {"prompt_cache_key", "parallel_tool_calls", "service_tier", "response_format",
             "reasoning_effort", "verbosity", "functions", "web_search_options"});
}

void describe_responses(Outline& outline, std::string_view body, const Node& root) {
  describe_cache_options(outline, root);
  describe_tools(outline, body, root);
  Describer to(outline, body,
               {.marker = "prompt_cache_breakpoint",
                .types = {"input_text", "input_image", "input_file"},
                .text_type = "input_text",
                .lists = {"content", "output"},
                .media = {"image_url", "file_data"}});
  const Node& instructions = member_or_nothing(root, "instructions");
  if (instructions.is(Shape::string)) {
    outline.segments.push_back(to.string(SegmentKind::system_block, instructions));
    outline.segments.back().markable = Markable::no;
  } else if (!instructions.is(Shape::absent)) {
    to.level(SegmentKind::system_block, "instructions", &instructions);
  }
  const Node& input = member_or_nothing(root, "input");
  if (input.is(Shape::string)) {
    outline.segments.push_back(to.string(SegmentKind::message_block, input));
  }
  for (const Node& item : input.elements) {
    const Node* type = item.last("type");
    const bool message = type == nullptr || type->says("message");
    const bool role = one_of({"user", "system", "developer"}, text_of(item.last("role")));
    const bool output = one_of({"function_call_output", "custom_tool_call_output"}, text_of(type));
    to.item(item, message ? role : output, message && role);
  }
  to.levels(SegmentKind::tool, root,
            {"prompt_cache_key", "parallel_tool_calls", "service_tier", "prompt",
             "previous_response_id", "conversation"});
  for (const Node* reasoning : root.all("reasoning")) {
    to.levels(SegmentKind::tool, *reasoning, {"effort"});
  }
  for (const Node* text : root.all("text")) {
    to.levels(SegmentKind::tool, *text, {"format", "verbosity"});
  }
}

void describe_gemini(Outline& outline, std::string_view body, const Node& root) {
  describe_tools(outline, body, root);
  Describer to(outline, body, {.lists = {"parts"}, .media = {"inlineData", "inline_data"}});
  for (const auto name : {"systemInstruction", "system_instruction"}) {
    const Node& instruction = member_or_nothing(root, name);
    if (instruction.is(Shape::absent) || instruction.is(Shape::null)) continue;
    const Node& parts = member_or_nothing(instruction, "parts");
    for (const Node& part : parts.elements) {
      outline.segments.push_back(to.block(SegmentKind::system_block, part));
    }
    auto around = xxh3_128(to.at(instruction));
    if (parts.is(Shape::array)) {
      around = config::combine(xxh3_128(to.at(instruction.begin(), parts.begin())),
                               xxh3_128(to.at(parts.end(), instruction.end())));
    }
    to.add_to_level(SegmentKind::system_block, "systemInstruction", around);
  }
  const Node& contents = member_or_nothing(root, "contents");
  if (contents.is(Shape::object)) to.item(contents, false, false);
  for (const Node& content : contents.elements) to.item(content, false, false);
  for (const auto name : {"toolConfig", "tool_config"}) {
    for (const Node* value : root.all(name)) to.level(SegmentKind::tool, "toolConfig", value);
  }
  for (const auto name : {"cachedContent", "cached_content"}) {
    for (const Node* value : root.all(name)) to.level(SegmentKind::tool, "cachedContent", value);
  }
}

}  // namespace

void describe_segments(Outline& outline, std::string_view body) {
  const auto root = read_tree(body);
  if (!root) return;
  outline.segments.clear();
  switch (outline.operation) {
    case Operation::messages:
      return describe_anthropic(outline, body, *root);
    case Operation::chat_completions:
      return describe_chat(outline, body, *root);
    case Operation::responses:
      return describe_responses(outline, body, *root);
    case Operation::generate_content:
      return describe_gemini(outline, body, *root);
    case Operation::other:
      return;
  }
}

}  // namespace foreword::oracle
