#include "assembler/example_builder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "assembler/sse.h"
#include "config/limits.h"

namespace foreword::assembler {
namespace {

bjson::string_view key_of(std::string_view name) {
  return {name.data(), name.size()};
}

void append_quoted(std::string_view text, std::string& out) {
  out += bjson::serialize(key_of(text));
}

void append(const bjson::value& value, std::string& out);

template <class List, class Append>
void append_list(const List& list, char open, char close, std::string& out, Append&& append_one) {
  out += open;
  bool first = true;
  for (const auto& item : list) {
    if (!std::exchange(first, false)) out += ',';
    append_one(item);
  }
  out += close;
}

void append(const bjson::value& value, std::string& out) {
  if (value.is_object()) {
    return append_list(value.get_object(), '{', '}', out, [&](const auto& item) {
      append_quoted({item.key().data(), item.key().size()}, out);
      out += ':';
      append(item.value(), out);
    });
  }
  if (value.is_array()) {
    return append_list(value.get_array(), '[', ']', out,
                       [&](const auto& item) { append(item, out); });
  }
  if (!value.is_double()) {
    out += bjson::serialize(value);
    return;
  }
  const auto number = value.get_double();
  if (std::isinf(number)) {  // 1e999 is JSON, infinity is not
    out += number < 0 ? "-1e999" : "1e999";
    return;
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

}  // namespace

std::optional<bjson::value> parse_json(std::string_view text) {
  bjson::parse_options options;
  options.max_depth = config::limits::kMaxExampleDepth;
  boost::system::error_code failed;
  auto value = bjson::parse(key_of(text), failed, {}, options);
  if (failed) return std::nullopt;
  return value;
}

std::string json_text(const bjson::value& value) {
  std::string out;
  append(value, out);
  return out;
}

const bjson::value* member(const bjson::value& value, std::string_view name) {
  const auto* object = value.if_object();
  const auto* found = object != nullptr ? object->if_contains(key_of(name)) : nullptr;
  return found == nullptr || found->is_null() ? nullptr : found;
}

const bjson::value* member(const bjson::value& value, std::string_view name,
                           std::string_view other) {
  const auto* found = member(value, name);
  return found != nullptr ? found : member(value, other);
}

std::optional<std::string_view> as_text(const bjson::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::string_view text_member(const bjson::value& value, std::string_view name) {
  const auto* found = member(value, name);
  return found != nullptr ? as_text(*found).value_or("") : std::string_view();
}

const bjson::array* list_member(const bjson::value& value, std::string_view name) {
  const auto* found = member(value, name);
  const auto* list = found != nullptr ? found->if_array() : nullptr;
  return list == nullptr || list->empty() ? nullptr : list;
}

bool for_each_event(std::string_view stream,
                    const std::function<void(const bjson::value&)>& visit) {
  bool good = true;
  SseSplitter splitter(config::limits::kMaxCaptureBytes);
  const auto on_event = [&](const SseEvent& event) {
    if (event.data.empty() || event.data == "[DONE]") return;
    const auto data = parse_json(event.data);
    good = good && data;
    if (data) visit(*data);
  };
  splitter.feed(stream, on_event);
  splitter.feed("\n\n", on_event);  // some servers leave out the last blank line
  return good;
}

Turn& ExampleBuilder::turn_of(Role role) {
  const bool fresh = std::exchange(fresh_, false);
  if (fresh || turns_.empty() || turns_.back().role != role) turns_.push_back({role, {}});
  return turns_.back();
}

void ExampleBuilder::add_text(Role role, std::string_view text) {
  if (text.empty()) return;
  auto& turn = turn_of(role);
  if (!turn.text.empty() && role != Role::assistant) turn.text += "\n\n";
  turn.text += text;
}

void ExampleBuilder::add_call(ToolCall call) {
  if (call.name.empty()) return fail(Unusable::not_understood);
  turn_of(Role::assistant).calls.push_back(std::move(call));
}

void ExampleBuilder::add_result(std::string_view call_id, std::string text) {
  turns_.push_back({Role::tool, std::move(text), {}, std::string(call_id)});
  fresh_ = false;
}

void ExampleBuilder::add_tool(bjson::object function) {
  if (function.contains("name")) {
    tools_.push_back(bjson::object{{"type", "function"}, {"function", std::move(function)}});
  }
}

std::string ExampleBuilder::tools() const {
  return tools_.empty() ? std::string() : json_text(tools_);
}

std::string text_of_parts(const bjson::value* content, Role role,
                          std::span<const std::string_view> text_types, ExampleBuilder& builder) {
  if (content == nullptr) return {};
  if (const auto text = as_text(*content)) return std::string(*text);
  std::string text;
  const auto* parts = content->if_array();
  if (parts == nullptr) builder.fail(Unusable::not_understood);
  for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
    const auto& part = (*parts)[i];
    const auto type = text_member(part, "type");
    if (type == "refusal") builder.fail(Unusable::refused);
    if (std::ranges::count(text_types, type) == 0) builder.fail(Unusable::media);
    if (i > 0 && role != Role::assistant) text += "\n\n";
    text += text_member(part, "text");
  }
  return text;
}

bjson::object function_of(const bjson::value& tool, std::string_view parameters) {
  bjson::object function;
  const std::array<std::pair<std::string_view, std::string_view>, 3> members{
      {{"name", "name"}, {"description", "description"}, {"parameters", parameters}}};
  for (const auto& [name, there] : members) {
    const auto* value = member(tool, there);
    if (value != nullptr) function[key_of(name)] = *value;
  }
  return function;
}

}  // namespace foreword::assembler
