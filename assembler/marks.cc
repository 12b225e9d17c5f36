#include "assembler/marks.h"

#include <algorithm>

#include "config/limits.h"

namespace foreword::assembler {
namespace {

using config::Operation;

bool is_long(Ttl ttl) {
  return ttl == Ttl::hour_1 || ttl == Ttl::hours_12;
}

bool is_openai(const Outline& outline) {
  return outline.operation == Operation::chat_completions ||
         outline.operation == Operation::responses;
}

/// A place in prefix order, between segments: that number of them is in front of it.
using Position = std::size_t;
constexpr Position kNowhere = ~Position{0};

/// What the client's own markers of an Anthropic request leave to others.
struct ClientMarks {
  /// Up to here only 1h may stand, since a 1h of the client's does.
  Position long_until = 0;
  /// From here on only 5m.
  Position short_from = kNowhere;
  /// From here on nothing, since the top-level marker stands there.
  Position nothing_from = kNowhere;
  /// The top-level marker has another time than one on its own block: also refused.
  bool clash = false;

  [[nodiscard]] bool legal() const { return long_until <= short_from && !clash; }
};

ClientMarks client_marks(const Outline& outline) {
  const auto& segments = outline.segments;
  ClientMarks marks;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].carries(Ttl::hour_1)) marks.long_until = i + 1;
    if (segments[i].carries(Ttl::minutes_5)) marks.short_from = std::min(marks.short_from, i + 1);
  }
  for (const Marker& marker : outline.anthropic.markers) {
    if (marker.place != Place::top_level) continue;
    const Position last = automatic_mark(outline);
    const Ttl other = marker.ttl == Ttl::hour_1 ? Ttl::minutes_5 : Ttl::hour_1;
    marks.nothing_from = last;
    marks.clash = marks.clash || (last > 0 && segments[last - 1].carries(other));
    if (marker.ttl == Ttl::hour_1) {
      marks.long_until = std::max(marks.long_until, last);
    } else {
      marks.short_from = std::min(marks.short_from, last);
    }
  }
  return marks;
}

/// The first of those wanted that may be, in prefix order.
std::vector<WantedMark> take(const MarkRequest& request, std::size_t room, Position nothing_from) {
  const auto& segments = request.outline->segments;
  std::vector<WantedMark> taken;
  for (const WantedMark& mark : request.wanted) {
    if (taken.size() == room) break;
    const bool may = mark.segment < segments.size() && mark.segment + 1 < nothing_from &&
                     segments[mark.segment].markable != Markable::no;
    const bool twice = std::ranges::count(taken, mark.segment, &WantedMark::segment) > 0;
    if (may && !twice) taken.push_back(mark);
  }
  std::ranges::sort(taken, {}, &WantedMark::segment);
  return taken;
}

/// The place of a knowledge base's blocks.
Position behind_tools(std::span<const Segment> segments) {
  const auto others = std::ranges::find_if(
      segments, [](const Segment& segment) { return segment.kind != SegmentKind::tool; });
  return static_cast<Position>(others - segments.begin());
}

Ttl anthropic_ttl(const ClientMarks& client, Position position, bool wants_long,
                  bool behind_short) {
  if (client.legal() && position <= client.long_until) return Ttl::hour_1;
  const bool may_be_long = !behind_short && position <= client.short_from;
  return wants_long && may_be_long ? Ttl::hour_1 : Ttl::minutes_5;
}

/// Top-level cache_control stands behind a knowledge base, or on its last block where there is no
/// other: with the same time, either way.
Ttl knowledge_ttl(const MarkRequest& request, std::span<const WantedMark> placed) {
  const Outline& outline = *request.outline;
  const std::span<const Segment> segments = outline.segments;
  const Position tools = behind_tools(segments);
  const auto carries = [](Ttl ttl) {
    return [ttl](const Segment& segment) { return segment.carries(ttl); };
  };
  const auto stands = [&](bool in_front, Ttl ttl) {
    return std::ranges::any_of(placed, [&](const WantedMark& mark) {
      return (mark.segment < tools) == in_front && mark.ttl == ttl;
    });
  };
  const Marker automatic_1h{Place::top_level, Ttl::hour_1};
  const bool short_in_front = stands(true, Ttl::minutes_5) ||
                              std::ranges::any_of(segments.first(tools), carries(Ttl::minutes_5));
  const bool long_behind = stands(false, Ttl::hour_1) ||
                           std::ranges::any_of(segments.subspan(tools), carries(Ttl::hour_1)) ||
                           std::ranges::count(outline.anthropic.markers, automatic_1h) > 0;
  return (long_behind || request.knowledge_long) && !short_in_front ? Ttl::hour_1 : Ttl::minutes_5;
}

void choose_anthropic(const MarkRequest& request, std::size_t room, PlacedMarks& choice) {
  const Outline& outline = *request.outline;
  if (request.wanted.empty() && outline.anthropic.markers.empty() && !request.knowledge_long)
    return;
  const ClientMarks client = client_marks(outline);
  if (!client.legal() || outline.anthropic.has_thread) room = 0;
  choice.placed = take(request, room, client.nothing_from);

  bool behind_short = false;
  for (WantedMark& mark : choice.placed) {
    mark.ttl = anthropic_ttl(client, mark.segment + 1, is_long(mark.ttl), behind_short);
    behind_short = behind_short || mark.ttl == Ttl::minutes_5;
  }
  choice.knowledge_ttl = knowledge_ttl(request, choice.placed);
}

Ttl openai_ttl(const Outline& outline, bool wants_long) {
  const auto& openai = outline.openai;
  if (openai.has_cache_retention) return openai.keeps_12h ? Ttl::hours_12 : Ttl::minutes_30;
  const bool may_be_long = outline.operation == Operation::responses;
  return wants_long && may_be_long ? Ttl::hours_12 : Ttl::minutes_30;
}

void choose_openai(const MarkRequest& request, std::size_t room, PlacedMarks& choice) {
  if (!request.explicit_breakpoints) room = 0;
  choice.placed = take(request, room, kNowhere);
  for (WantedMark& mark : choice.placed) mark.ttl = openai_ttl(*request.outline, is_long(mark.ttl));
}

std::size_t less(std::size_t count, std::size_t taken) {
  return count - std::min(count, taken);
}

}  // namespace

std::size_t automatic_mark(const Outline& outline) {
  const auto& segments = outline.segments;
  std::size_t position = segments.size();
  while (position > 0) {
    const Segment& last = segments[position - 1];
    if (last.markable != Markable::no || last.markers != 0) break;
    --position;
  }
  return position;
}

std::size_t room_for_marks(const Outline& outline) {
  namespace limits = config::limits;
  if (outline.operation == Operation::messages) {
    return less(limits::kAnthropicMaxBreakpoints, outline.anthropic.markers.size());
  }
  if (!is_openai(outline)) return 0;
  return less(outline.openai.explicit_cache_mode ? limits::kOpenAiMaxBreakpointsExplicit
                                                 : limits::kOpenAiMaxBreakpointsImplicit,
              outline.openai.breakpoints);
}

PlacedMarks place_marks(const MarkRequest& request) {
  const Outline& outline = *request.outline;
  const auto room = std::min(less(room_for_marks(outline), request.knowledge), request.most);
  PlacedMarks choice;
  if (outline.operation == Operation::messages) choose_anthropic(request, room, choice);
  if (is_openai(outline)) choose_openai(request, room, choice);
  return choice;
}

}  // namespace foreword::assembler
