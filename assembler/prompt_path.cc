#include "assembler/prompt_path.h"

#include <algorithm>

#include "assembler/mark_choice.h"
#include "assembler/prefix.h"

namespace foreword::assembler {
namespace {

using config::Lifetime;
using config::Mark;
using config::Operation;
using config::PrefixKind;

/// Anthropic charges a picture by its pixels, and makes larger ones smaller until they are about
/// this many tokens (platform.claude.com vision, 2026-08). Others differ, but not by much more than
/// an estimate of text does.
constexpr double kPictureTokens = 1600;

/// Of all providers.
constexpr std::size_t kMostMarks = 4;

SegmentKind level_of_knowledge(Operation operation) {
  const bool openai = operation == Operation::chat_completions || operation == Operation::responses;
  return openai ? SegmentKind::message_block : SegmentKind::system_block;
}

/// Segments that stay in front of a knowledge base: tools, and Claude Code's header.
std::size_t in_front_of_knowledge(const Outline& outline) {
  const auto others = std::ranges::find_if(outline.segments, [&](const Segment& segment) {
    const bool header = segment.span == outline.anthropic.billing_header && segment.span != Span{};
    return segment.kind != SegmentKind::tool && !header;
  });
  return static_cast<std::size_t>(others - outline.segments.begin());
}

PrefixKind kind_of(const Segment& segment) {
  return segment.kind == SegmentKind::message_block ? PrefixKind::body : PrefixKind::head;
}

double tokens_of(const Segment& segment, double bytes_per_token) {
  return segment.text_bytes / bytes_per_token + (segment.media ? kPictureTokens : 0);
}

Lifetime lifetime_of(Ttl ttl) {
  return ttl == Ttl::hour_1 || ttl == Ttl::hours_12 ? Lifetime::extended : Lifetime::brief;
}

Ttl ttl_of(Operation operation, Lifetime lifetime) {
  const bool extended = lifetime == Lifetime::extended;
  if (operation == Operation::messages) return extended ? Ttl::hour_1 : Ttl::minutes_5;
  return extended ? Ttl::hours_12 : Ttl::minutes_30;
}

/// The client's own breakpoints.
std::vector<Mark> clients_marks(const PromptPath& path, const Outline& outline) {
  std::vector<Mark> marks;
  for (std::size_t i = 0; i < outline.segments.size(); ++i) {
    const Segment& segment = outline.segments[i];
    if (segment.markers == 0) continue;
    const bool extended = segment.carries(Ttl::hour_1) || segment.carries(Ttl::hours_12);
    marks.push_back({path.position_of(i), extended ? Lifetime::extended : Lifetime::brief});
  }
  for (const Marker& marker : outline.anthropic.markers) {
    if (marker.place != Place::top_level) continue;
    const auto segments = automatic_mark(outline);
    const auto position = segments == 0 ? 0 : path.position_of(segments - 1);
    const auto end = std::max(position, path.knowledge_end());
    if (end > 0) marks.push_back({end, lifetime_of(marker.ttl)});
  }
  return marks;
}

/// Ascending, each position once: with the longer time, where there are two.
void put_in_order(std::vector<Mark>& marks) {
  std::ranges::sort(marks, [](const Mark& a, const Mark& b) {
    return a.position != b.position ? a.position < b.position : a.lifetime > b.lifetime;
  });
  const auto at_one = [](const Mark& a, const Mark& b) { return a.position == b.position; };
  marks.erase(std::unique(marks.begin(), marks.end(), at_one), marks.end());
}

/// Whether the knowledge base is to be written, or stays, for the longer time. Without a use before
/// this one there is no gap to go by.
bool keeps_knowledge_long(const PromptPath& path, const config::Outlook& outlook,
                          const MarkChoice& choice) {
  if (outlook.seen < path.knowledge_end()) return false;
  const bool stays = outlook.warm && outlook.warm->position > path.before &&
                     outlook.warm->lifetime == Lifetime::extended;
  const bool written =
      choice.written_extended > choice.read && choice.written_extended >= path.knowledge_end();
  return stays || written;
}

}  // namespace

std::uint32_t PromptPath::position_of(std::size_t segment) const {
  const auto position = static_cast<std::uint32_t>(segment) + 1;
  return segment < before ? position : position + layers;
}

std::optional<std::uint32_t> PromptPath::segment_at(std::uint32_t position) const {
  if (position <= before) return position - 1;
  if (position <= before + layers) return std::nullopt;
  return position - layers - 1;
}

PromptPath prompt_path(const Outline& outline, std::span<const PathLayer> layers,
                       const config::Hash128& seed, double bytes_per_token) {
  PromptPath path;
  path.layers = static_cast<std::uint32_t>(layers.size());
  if (!layers.empty()) path.before = static_cast<std::uint32_t>(in_front_of_knowledge(outline));
  std::vector<config::Hash128> layer_hashes;
  for (const auto& layer : layers) layer_hashes.push_back(layer.hash);
  const auto hashes = prefix_hashes(
      outline, seed, {layer_hashes, path.before, level_of_knowledge(outline.operation)});

  double tokens = 0;
  path.prefixes.resize(hashes.size());
  auto next = path.prefixes.begin();
  auto hash = hashes.begin();
  const auto add = [&](PrefixKind kind, bool markable, double more) {
    tokens += more;
    next->hash = *hash++;
    next->tokens = static_cast<std::uint32_t>(std::min(tokens + .5, 4294967295.0));
    next->kind = kind;
    next++->markable = markable;
  };
  const auto add_segments = [&](std::size_t begin, std::size_t end) {
    for (auto i = begin; i < end; ++i) {
      const Segment& segment = outline.segments[i];
      add(kind_of(segment), segment.markable != Markable::no, tokens_of(segment, bytes_per_token));
    }
  };
  add_segments(0, path.before);
  for (const auto& layer : layers) add(PrefixKind::head, true, layer.tokens);
  add_segments(path.before, outline.segments.size());
  return path;
}

WantedMarks wanted_marks(const PromptPath& path, const Outline& outline,
                         const config::Outlook& outlook, const config::CacheTerms& terms) {
  WantedMarks wanted;
  const auto room = std::min<std::size_t>(room_for_marks(outline), terms.max_marks);
  const std::size_t for_knowledge = path.layers > 0 && room > 0 ? 1 : 0;
  auto others = clients_marks(path, outline);
  if (for_knowledge > 0) others.push_back({path.knowledge_end(), Lifetime::brief});
  put_in_order(others);
  const auto choice = choose_marks(path.prefixes, outlook, terms,
                                   static_cast<std::uint32_t>(room - for_knowledge), others);
  for (const Mark& mark : choice.marks) {
    const auto segment = path.segment_at(mark.position);
    if (segment) wanted.marks.push_back({*segment, ttl_of(outline.operation, mark.lifetime)});
  }
  std::ranges::reverse(wanted.marks);  // the most is written by the last one
  wanted.knowledge_long = for_knowledge > 0 && keeps_knowledge_long(path, outlook, choice);
  const auto& end = path.prefixes.back();
  wanted.only_marked = end.tokens >= terms.min_tokens && choice.written < path.prefixes.size();
  wanted.most_knowledge_marks = room - std::min(room, wanted.marks.size());
  return wanted;
}

std::vector<Mark> marks_sent(const PromptPath& path, const Outline& outline,
                             std::span<const PathLayer> layers, const Plan& plan) {
  auto marks = clients_marks(path, outline);
  for (std::uint32_t i = 0; i < path.layers; ++i) {
    if (layers[i].mark_rank >= plan.knowledge_marks) continue;
    marks.push_back(
        {path.before + i + 1, plan.knowledge_long ? Lifetime::extended : Lifetime::brief});
  }
  for (const WantedMark& mark : plan.placed) {
    marks.push_back({path.position_of(mark.segment), lifetime_of(mark.ttl)});
  }
  if (plan.implicit_mark && !path.prefixes.empty()) {
    const auto end = static_cast<std::uint32_t>(path.prefixes.size());
    marks.push_back({end, outline.openai.keeps_12h ? Lifetime::extended : Lifetime::brief});
  }
  put_in_order(marks);
  // OpenAI takes the latest; at Anthropic more are refused.
  const auto surplus = marks.size() - std::min(marks.size(), kMostMarks);
  marks.erase(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(surplus));
  return marks;
}

}  // namespace foreword::assembler
