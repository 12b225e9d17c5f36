// A second opinion on plans: what every one of them has to keep, whatever the request was. Used by
// the property tests and by the fuzzer; it shares no code with what it checks.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
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

/// The last segment that can carry a marker, which is where the automatic one goes.
inline const Segment* last_markable(const Outline& outline) {
  const auto& segments = outline.segments;
  const auto last = std::find_if(segments.rbegin(), segments.rend(), [](const Segment& segment) {
    return segment.markable != Markable::no || segment.markers != 0;
  });
  return last == segments.rend() ? nullptr : &*last;
}

/// Whether Anthropic takes the markers of a request.
inline bool is_legal(const Outline& outline) {
  bool short_seen = false;
  const auto fits = [&](bool has_long, bool has_short) {
    const bool fine = !(has_long && short_seen);
    short_seen = short_seen || has_short;
    return fine;
  };
  for (const Segment& segment : outline.segments) {
    if (!fits(segment.carries(Ttl::hour_1), segment.carries(Ttl::minutes_5))) return false;
  }
  for (const Marker& marker : outline.anthropic.markers) {
    if (marker.place != Place::top_level) continue;
    if (!fits(marker.ttl == Ttl::hour_1, marker.ttl == Ttl::minutes_5)) return false;
    const Segment* last = last_markable(outline);
    const Ttl other = marker.ttl == Ttl::hour_1 ? Ttl::minutes_5 : Ttl::hour_1;
    if (last != nullptr && last->carries(other)) return false;
  }
  return outline.anthropic.markers.size() <= 4;
}

inline std::size_t markers_in(const Outline& outline) {
  return outline.anthropic.markers.size() + outline.openai.breakpoints;
}

/// No set of markers comes out that a provider refuses. Requests that broke a rule before we came
/// are the client's own affair.
inline Fault check_legal(const Outline& before, const Outline& after, const Plan& plan) {
  const bool anthropic = before.operation == config::Operation::messages;
  const std::size_t most = anthropic || before.openai.explicit_cache_mode ? 4 : 3;
  if (markers_in(after) > std::max(most, markers_in(before))) return "a marker too many";
  if (is_legal(before) && !is_legal(after)) return "a set of markers that is refused";
  if (!is_legal(before) && !plan.placed.empty()) return "a marker in a set that is illegal already";
  const auto automatic =
      std::ranges::count(before.anthropic.markers, Place::top_level, &Marker::place);
  if (automatic == 0 || plan.placed.empty()) return "";
  const Segment* ours = &before.segments[plan.placed.back().segment];
  return ours < last_markable(before) ? "" : "a marker where the automatic one goes";
}

/// The time that a segment of the client's was given; nothing: none.
inline std::optional<Ttl> given_to(const Outline& before, const Segment& client, const Plan& plan) {
  for (const WantedMark& mark : plan.placed) {
    if (before.segments[mark.segment].span == client.span) return mark.ttl;
  }
  return std::nullopt;
}

/// The client's segments carry what they carried and what was placed, and say what they said.
inline Fault check_client_marks(std::string_view body, const Outline& before,
                                const std::vector<Segment>& clients, const Outline& after,
                                const Plan& plan) {
  const bool wraps = std::ranges::any_of(plan.placed, [&](const WantedMark& mark) {
    return before.segments[mark.segment].markable == Markable::string;
  });
  for (const Segment& client : clients) {
    const auto now = std::ranges::find_if(
        after.segments, [&](const Segment& segment) { return holds(segment, client, plan); });
    if (now == after.segments.end()) return "a block was lost";
    const auto given = given_to(before, client, plan);
    const int bit = given ? 1 << static_cast<int>(*given) : 0;
    if (now->markers != (client.markers | bit)) return "other markers than planned";
    if (given && client.markable == Markable::no) return "a marker where none may be";
    if (given && client.markers != 0) return "a second marker on a block";
    // Not so where a string became a block, nor where white space is in front of the brace: it goes
    // together with the marker.
    const bool spaced = std::string_view(" \n\r\t").find(body[client.span.end - 2]) != body.npos;
    const bool as_it_was = body[client.span.begin] != '"' && !wraps && !(given && spaced);
    if (as_it_was && now->hash != client.hash) return "a segment that says something else";
  }
  return "";
}

/// What was placed is some of what was wanted, in order, none of it twice.
inline Fault check_placed(const PlanRequest& request, const Plan& plan) {
  for (std::size_t i = 0; i < plan.placed.size(); ++i) {
    if (i > 0 && plan.placed[i].segment <= plan.placed[i - 1].segment) return "marks out of order";
    if (std::ranges::count(request.marks, plan.placed[i].segment, &WantedMark::segment) == 0) {
      return "a marker that nobody wanted";
    }
  }
  return "";
}

/// The blocks of a knowledge base carry one kind of marker, and no more than they may.
inline Fault check_knowledge_marks(const Outline& before, const std::vector<Segment>& clients,
                                   const Outline& after, const PlanRequest& request,
                                   const Plan& plan) {
  std::size_t marked = 0;
  std::uint8_t kinds = 0;
  for (const Segment& now : after.segments) {
    if (std::ranges::any_of(clients,
                            [&](const Segment& client) { return holds(now, client, plan); })) {
      continue;
    }
    marked += now.markers != 0 ? 1 : 0;
    kinds |= now.markers;
  }
  if ((kinds & (kinds - 1)) != 0) return "our markers differ";
  if (marked > request.most_knowledge_marks)
    return "more markers of the knowledge base than allowed";
  if (markers_in(after) != markers_in(before) + marked + plan.placed.size()) {
    return "other markers than planned";
  }
  return "";
}

/// What the edits asked for is found by the next proxy on the way: it has nothing to add.
inline Fault check_settled(const Outline& after, Additions leave_out) {
  PlanRequest nothing_more;
  nothing_more.outline = &after;
  nothing_more.leave_out = leave_out;
  return assembler::plan(nothing_more).edits.empty() ? "" : "the edited body would be edited again";
}

/// What was to stay out did; and the plan says so of itself.
inline Fault check_left_out(const PlanRequest& request, const Plan& plan) {
  for (const Addition addition : kAllAdditions) {
    if (plan.added.has(addition) && request.leave_out.has(addition)) {
      return std::string(name_of(addition)) + " was to be left out";
    }
  }
  return plan.added.empty() == plan.edits.empty() ? "" : "the plan does not say what it adds";
}

/// Wishes for markers, of any sense or none, that follow from the seed.
inline std::vector<WantedMark> wishes(unsigned seed, std::size_t segments) {
  std::vector<WantedMark> wanted;
  while (seed != 0 && (seed & 0x70'0000) != 0x70'0000) {
    seed = seed * 1'103'515'245 + 12'345;
    const auto segment = static_cast<std::uint32_t>((seed >> 8) % (segments + 2));
    wanted.push_back({segment, static_cast<Ttl>(seed >> 28 & 3)});
  }
  return wanted;
}

/// Everything that has to hold for a body that could be outlined and the plan that was made for it.
inline Fault check_plan(std::string_view body, const Outline& outline, const PlanRequest& request,
                        const Plan& plan) {
  const std::string edited = to_string(splice(body, plan.edits));
  for (const Fault& fault : {check_pieces(body, plan.edits), check_reversible(body, plan, edited),
                             check_erases(body, plan), check_left_out(request, plan)}) {
    if (!fault.empty()) return fault;
  }
  if (plan.edits.empty()) return plan.placed.empty() ? "" : "markers without edits";
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
  for (const Fault& fault :
       {check_legal(outline, *again, plan),
        check_client_marks(body, outline, clients, *again, plan), check_placed(request, plan),
        check_knowledge_marks(outline, clients, *again, request, plan),
        check_marked_layers(ours, knowledge), check_settled(*again, request.leave_out)}) {
    if (!fault.empty()) return fault;
  }
  return "";
}

}  // namespace foreword::assembler::testing
