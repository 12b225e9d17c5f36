#include "oracle/json_tree.h"

#include <algorithm>

#include "oracle/scan_walk.h"

namespace foreword::oracle {
namespace {

using json::error_code;
using json::ondemand::value;

constexpr int kMaxDepth = 1000;

error_code read_node(ScanWalk& walk, value& found, Node& node, int depth);

error_code read_members(ScanWalk& walk, json::ondemand::object object, Node& node, int depth) {
  for (auto each : object) {
    json::ondemand::field field;
    if (const auto error = std::move(each).get(field)) return error;
    Member& member = node.members.emplace_back();
    member.name_begin = offset_of(walk, field.key().raw()) - 1;
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return error;
    member.name = name;
    value inside = field.value();
    if (const auto error = json::check_start(inside)) return error;
    if (const auto error = read_node(walk, inside, member.value, depth + 1)) return error;
  }
  return simdjson::SUCCESS;
}

error_code read_inside(ScanWalk& walk, value& found, Node& node, int depth) {
  if (depth == kMaxDepth) return simdjson::DEPTH_ERROR;
  if (node.is(Shape::object)) {
    json::ondemand::object object;
    if (const auto error = found.get_object().get(object)) return error;
    return read_members(walk, object, node, depth);
  }
  return json::each_element_of(found, [&](value& element) {
    return read_node(walk, element, node.elements.emplace_back(), depth + 1);
  });
}

error_code read_node(ScanWalk& walk, value& found, Node& node, int depth) {
  const auto error =
      locate(walk, found, node.value, [&] { return read_inside(walk, found, node, depth); });
  if (error) return error;
  if (node.is(Shape::object)) node.value.empty = node.members.empty();
  if (node.is(Shape::array)) node.value.empty = node.elements.empty();
  if (!node.is(Shape::string)) return simdjson::SUCCESS;
  std::string_view text;
  const auto failed = found.get_string().get(text);
  node.text = text;
  return failed;
}

}  // namespace

const Node* Node::last(std::string_view name) const {
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [&](const Member& member) { return member.name == name; });
  return found == members.rend() ? nullptr : &found->value;
}

std::vector<const Node*> Node::all(std::string_view name) const {
  std::vector<const Node*> nodes;
  for (const Member& member : members) {
    if (member.name == name) nodes.push_back(&member.value);
  }
  return nodes;
}

std::optional<Node> read_tree(std::string_view body) {
  const simdjson::padded_string padded(body);
  json::ondemand::parser parser;
  json::ondemand::document document;
  json::ondemand::object root;
  if (parser.iterate(padded).get(document)) return std::nullopt;
  if (document.get_object().get(root)) return std::nullopt;
  ScanWalk walk;
  walk.body = padded.data();
  Node node;
  if (read_members(walk, root, node, 0)) return std::nullopt;
  return node;
}

}  // namespace foreword::oracle
