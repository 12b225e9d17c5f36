#include "oracle/scan.h"

#include <algorithm>
#include <string>

#include "config/limits.h"
#include "oracle/scan_segments.h"
#include "oracle/scan_walk.h"

namespace foreword::oracle {
namespace {

using config::Operation;
using json::error_code;
using json::ondemand::value;

std::span<const ScanMember> members_of(Operation operation) {
  switch (operation) {
    case Operation::messages:
      return anthropic_members();
    case Operation::chat_completions:
      return chat_members();
    case Operation::responses:
      return responses_members();
    case Operation::generate_content:
      return gemini_members();
    case Operation::other:
      break;
  }
  return {};
}

error_code read_member(ScanWalk& walk, std::span<const ScanMember> members, std::string_view name,
                       value& found) {
  const auto member = std::ranges::find(members, name, &ScanMember::name);
  if (member == members.end()) return simdjson::SUCCESS;
  const unsigned bit = 1u << member->slot;
  if ((walk.seen & bit) != 0) return stop(walk, ScanFailure::duplicate_member);
  walk.seen |= bit;
  return member->read(walk, found);
}

/// Bodies name messages before tools and system when their keys are sorted.
void sort_into_prefix_order(std::vector<Segment>& segments) {
  if (!std::ranges::is_sorted(segments, {}, &Segment::kind)) {
    std::ranges::stable_sort(segments, {}, &Segment::kind);
  }
}

ScanResult<Outline> walk_root(Operation operation, std::string_view body,
                              json::ondemand::document& document) {
  json::ondemand::json_type type{};
  if (document.type().get(type)) return ScanFailure::malformed_json;
  if (type != json::ondemand::json_type::object) return ScanFailure::not_an_object;
  json::ondemand::object root;
  if (document.get_object().get(root)) return ScanFailure::malformed_json;

  ScanWalk walk;
  walk.body = body.data();
  walk.outline.operation = operation;
  walk.outline.root_empty = true;
  const auto members = members_of(operation);
  const auto error = json::each_member(root, [&](std::string_view name, value& found) {
    walk.outline.root_empty = false;
    return read_member(walk, members, name, found);
  });
  if (error) return walk.failure.value_or(ScanFailure::malformed_json);
  if (!json::at_end(document)) return ScanFailure::malformed_json;

  walk.outline.root = {body.find('{'), json::trim_end(body).size()};
  if (walk.outline.segments.size() > config::limits::kMaxSegments) {
    return ScanFailure::too_many_blocks;
  }
  sort_into_prefix_order(walk.outline.segments);
  return std::move(walk.outline);
}

}  // namespace

ScanResult<Outline> scan_padded(Operation operation, std::string_view body) {
  thread_local json::ondemand::parser parser;
  const simdjson::padded_string_view padded(body.data(), body.size(),
                                            body.size() + simdjson::SIMDJSON_PADDING);
  json::ondemand::document document;
  if (parser.iterate(padded).get(document)) return ScanFailure::malformed_json;
  return walk_root(operation, body, document);
}

ScanResult<Outline> scan(Operation operation, std::string_view body) {
  const simdjson::padded_string padded(body);
  auto scanned = scan_padded(operation, padded);
  if (scanned) describe_segments(*scanned, body);
  return scanned;
}

}  // namespace foreword::oracle
