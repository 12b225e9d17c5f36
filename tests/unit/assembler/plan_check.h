// A second opinion on plans: what every one of them has to keep, whatever the request was. Used by
// the property tests and by the fuzzer; it shares no code with what it checks.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "assembler/layer.h"
#include "assembler/plan.h"
#include "assembler/scan.h"
#include "assembler/splice.h"

namespace foreword::assembler::testing {

/// What is wrong with a plan; empty if nothing is.
using Fault = std::string;

/// Splicing without edits is the identity; whatever the edits, no piece is a copy, none is empty,
/// and they fit one gather write.
inline Fault check_pieces(std::string_view body, const std::vector<Edit>& edits) {
  constexpr std::size_t kMostPieces = 63;  // and the head
  const SplicedBody spliced = splice(body, edits);
  std::size_t bytes = 0;
  for (const std::string_view piece : spliced.pieces) {
    const auto lies_in = [piece](std::string_view whole) {
      return whole.data() <= piece.data() &&
             piece.data() + piece.size() <= whole.data() + whole.size();
    };
    if (piece.empty()) return "an empty piece";
    if (!lies_in(body) &&
        std::ranges::none_of(edits, [&](const Edit& edit) { return lies_in(edit.insert); })) {
      return "a piece that is a copy";
    }
    bytes += piece.size();
  }
  if (bytes != spliced.total_bytes) return "the pieces are not as long as they say";
  if (spliced.pieces.size() > kMostPieces) return "more pieces than one write takes";
  if (edits.empty() && to_string(spliced) != body) return "no edits, yet another body";
  return "";
}

/// Takes the inserted ranges out of `edited`, puts erased ones back: has to give the body.
inline Fault check_reversible(std::string_view body, const Plan& plan, std::string_view edited) {
  std::size_t in_body = 0;
  std::size_t in_edited = 0;
  for (const Edit& edit : plan.edits) {
    if (edit.at < in_body || edit.at + edit.erase > body.size()) return "edits overlap";
    const auto kept = body.substr(in_body, edit.at - in_body);
    if (edited.substr(in_edited, kept.size()) != kept) return "bytes between edits differ";
    in_edited += kept.size();
    if (edited.substr(in_edited, edit.insert.size()) != edit.insert) return "insert is not there";
    in_edited += edit.insert.size();
    in_body = edit.at + edit.erase;
  }
  return edited.substr(in_edited) == body.substr(in_body) ? "" : "bytes behind the edits differ";
}

/// Only null and false of the usage option may ever be erased.
inline Fault check_erases(std::string_view body, const Plan& plan) {
  for (const Edit& edit : plan.edits) {
    const auto erased = body.substr(edit.at, edit.erase);
    if (!erased.empty() && erased != "null" && erased != "false") return "erases client bytes";
  }
  return "";
}

/// Scans a copy of just its size, so that a sanitizer sees what is read behind its end.
inline ScanResult<Outline> scan_exactly(config::Operation operation, std::string_view body) {
  const std::vector<char> copy(body.begin(), body.end());
  return scan(operation, std::string_view(copy.data(), copy.size()));
}

inline bool is_before(const Marker& a, const Marker& b) {
  return a.place < b.place;
}

/// Anthropic's rules: four breakpoints at most, and ours never a 1h one behind a 5m one. Requests
/// that broke a rule before we came are the client's own affair.
inline Fault check_markers(const Outline& before, const Outline& after, std::size_t layers) {
  const auto& old_markers = before.anthropic.markers;
  const auto& new_markers = after.anthropic.markers;
  if (new_markers.size() == old_markers.size()) return "";
  if (new_markers.size() > 4) return "a fifth breakpoint was added";
  if (new_markers.size() - old_markers.size() > layers)
    return "more markers than layers were added";
  const auto ours = std::ranges::find(new_markers, Place::system, &Marker::place);
  if (ours == new_markers.end()) return "our marker is not in system";
  const auto added = static_cast<std::ptrdiff_t>(new_markers.size() - old_markers.size());
  if (std::count(ours, std::min(ours + added, new_markers.end()), *ours) != added) {
    return "our markers differ";
  }
  for (const Marker& marker : old_markers) {
    if (marker.place == Place::tools && marker.ttl == Ttl::minutes_5 && ours->ttl == Ttl::hour_1) {
      return "1h after a 5m of the tools";
    }
    const bool tools_have_5m =
        std::ranges::count(old_markers, Marker{Place::tools, Ttl::minutes_5}) > 0;
    if (marker.place != Place::tools && marker.ttl == Ttl::hour_1 && ours->ttl == Ttl::minutes_5 &&
        !tools_have_5m) {
      return "5m before a 1h of the client's";
    }
  }
  return "";
}

inline bool parses(std::string_view text, std::size_t max_depth) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::system::error_code error;
  boost::json::parse(boost::json::string_view(text.data(), text.size()), error, {}, options);
  return !error;
}

/// How far the byte at `offset` of the body moves.
inline std::size_t moved(const Plan& plan, std::size_t offset) {
  std::size_t to = offset;
  for (const Edit& edit : plan.edits) {
    if (edit.at <= offset) to += edit.insert.size() - edit.erase;
  }
  return to;
}

inline std::string bytes_of(const KnowledgeLayer& layer) {
  return std::string(layer.opening) + std::string(layer.escaped) + std::string(layer.closing);
}

/// Where a block of the client's is: what it was pushed to, or the block that its string is now the
/// text of.
inline bool holds(const Segment& now, const Segment& before, const Plan& plan) {
  const auto begin = moved(plan, before.span.begin);
  const auto end = begin + before.span.size();
  return now.kind == before.kind && now.span.begin <= begin && end <= now.span.end;
}

/// The client's blocks. An empty system string is none any more: its quotes hold a layer.
inline std::vector<Segment> blocks_that_stay(const Outline& before, bool inserted) {
  std::vector<Segment> blocks = before.segments;
  const auto& system = before.anthropic.system;
  if (inserted && system.empty) {
    std::erase_if(blocks, [&](const Segment& block) { return block.span == system.span; });
  }
  return blocks;
}

/// The blocks of the edited body that hold none of the client's. What a client wrote may read like
/// a layer and its mark: only a place tells whose it is.
inline std::vector<std::string_view> blocks_added(std::string_view edited,
                                                  const std::vector<Segment>& clients,
                                                  const Outline& after, const Plan& plan) {
  std::vector<std::string_view> ours;
  for (const Segment& now : after.segments) {
    if (std::ranges::none_of(clients,
                             [&](const Segment& client) { return holds(now, client, plan); })) {
      ours.push_back(edited.substr(now.span.begin, now.span.size()));
    }
  }
  return ours;
}

/// Every block of the client's is still there, and the others are the layers, in order.
inline Fault check_segments(const std::vector<Segment>& clients,
                            const std::vector<std::string_view>& ours,
                            std::span<const KnowledgeLayer> layers, const Outline& after,
                            const Plan& plan) {
  for (const Segment& client : clients) {
    if (std::ranges::none_of(after.segments,
                             [&](const Segment& now) { return holds(now, client, plan); })) {
      return "a block was lost";
    }
  }
  if (ours.size() != layers.size()) return "other blocks than the layers were added";
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (ours[i].find(bytes_of(layers[i])) == ours[i].npos)
      return "a layer is in no block, or without its tags";
  }
  return "";
}

/// Which of the layers end in a breakpoint: the last if any does, then the ends of knowledge bases
/// from the front, and then the others.
inline Fault check_marked_layers(const std::vector<std::string_view>& ours,
                                 std::span<const KnowledgeLayer> layers) {
  std::vector<bool> bases;
  std::vector<bool> others;
  bool last = false;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto end = bytes_of(layers[i]) + R"(",")";
    const bool marked = ours[i].find(end + "cache_control") != ours[i].npos ||
                        ours[i].find(end + "prompt_cache_breakpoint") != ours[i].npos;
    if (i + 1 == layers.size()) {
      last = marked;
    } else {
      (layers[i].closing.empty() ? others : bases).push_back(marked);
    }
  }
  const auto from_the_front = [](const std::vector<bool>& marks) {
    return std::ranges::is_sorted(marks, std::greater<>());
  };
  if (!from_the_front(bases) || !from_the_front(others))
    return "marks that leave out an earlier end";
  const bool all_bases = std::ranges::find(bases, false) == bases.end();
  const bool some_base = std::ranges::find(bases, true) != bases.end();
  const bool some_other = std::ranges::find(others, true) != others.end();
  if ((some_base || some_other) && !last) return "the last layer has no mark, but others have";
  if (some_other && !all_bases) return "a layer is marked before the end of a knowledge base";
  return "";
}

/// What the edits asked for is found by the next proxy on the way: it has nothing to add.
inline Fault check_settled(const Outline& after) {
  PlanRequest nothing_more;
  nothing_more.outline = &after;
  return assembler::plan(nothing_more).edits.empty() ? "" : "the edited body would be edited again";
}

/// Everything that has to hold for a body that could be outlined and the plan that was made for it.
inline Fault check_plan(std::string_view body, const Outline& outline, const PlanRequest& request,
                        const Plan& plan) {
  const std::string edited = to_string(splice(body, plan.edits));
  for (const Fault& fault : {check_pieces(body, plan.edits), check_reversible(body, plan, edited),
                             check_erases(body, plan)}) {
    if (!fault.empty()) return fault;
  }
  if (plan.edits.empty()) return "";
  if (parses(body, 1000) && !parses(edited, 1010)) return "valid JSON became invalid";
  if (!parses(body, 1020) && parses(edited, 1010)) return "invalid JSON became valid";

  // Of JSON that is wrong somewhere in a skipped value nothing more can be told.
  if (!parses(body, 1000)) return "";

  const auto again = scan_exactly(outline.operation, edited);
  if (!again) return "the edited body cannot be outlined: " + std::string(name_of(again.error()));
  if (again->model != outline.model || again->stream != outline.stream)
    return "other members moved";
  const bool inserted =
      plan.placement == Placement::inserted || plan.placement == Placement::inserted_unmarked;
  const auto knowledge = inserted ? request.knowledge->layers : std::span<const KnowledgeLayer>();
  const auto clients = blocks_that_stay(outline, inserted);
  const auto ours = blocks_added(edited, clients, *again, plan);
  if (again->segments.size() != clients.size() + knowledge.size())
    return "other segments than planned";
  const Fault lost = check_segments(clients, ours, knowledge, *again, plan);
  if (!lost.empty()) return lost;
  for (const Fault& fault : {check_markers(outline, *again, knowledge.size()),
                             check_marked_layers(ours, knowledge), check_settled(*again)}) {
    if (!fault.empty()) return fault;
  }
  return "";
}

}  // namespace foreword::assembler::testing
