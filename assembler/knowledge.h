// Knowledge bases as they stand in front of a prompt: one as it is, several each in its own tags.
//
// Bases of several may have documents of the same source, and a layer's notes are about what is
// "above": so each says where it begins and ends, and one note says that nothing reaches across.
// The layers' bytes are not copied, so that all sets of knowledge bases share them. Deterministic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::assembler {

/// A layer as it goes in. All bytes are the inside of a JSON string, without quotes.
struct KnowledgeLayer {
  /// In front of the first layer of each of several bases, and behind its last one: some 50 bytes,
  /// else empty.
  std::string_view opening;
  std::string_view escaped;
  std::string_view closing;
  /// With room for n breakpoints, those of rank below n end in one: the last layer first of all,
  /// since it covers all others; then the ends of the bases from the front, so that an update
  /// leaves those warm that stand in front of it; then the other layers from the front, which are
  /// the largest and stay warm the longest.
  std::size_t mark_rank = 0;
};

/// A knowledge base to be joined with others.
struct NamedLayers {
  std::string_view name;
  std::span<const std::string> escaped_layers;
};

/// Owns the tags; the layers have to outlive it.
class JoinedKnowledge {
 public:
  JoinedKnowledge() = default;
  /// In the order that is given. Those without layers are left out.
  explicit JoinedKnowledge(std::span<const NamedLayers> bases);
  JoinedKnowledge(JoinedKnowledge&&) = default;
  JoinedKnowledge& operator=(JoinedKnowledge&&) = default;
  JoinedKnowledge(const JoinedKnowledge&) = delete;
  JoinedKnowledge& operator=(const JoinedKnowledge&) = delete;

  [[nodiscard]] const std::vector<KnowledgeLayer>& layers() const { return layers_; }
  /// Of the tags and the note, before escaping.
  [[nodiscard]] std::uint64_t tag_bytes() const { return tag_bytes_; }

 private:
  void add(const NamedLayers& base);
  void wrap(const NamedLayers& base, bool first);
  void rank_marks(const std::vector<std::size_t>& ends);
  std::string_view own(std::string_view text);

  std::deque<std::string> tags_;  // in place also when this moves
  std::vector<KnowledgeLayer> layers_;
  std::uint64_t tag_bytes_ = 0;
};

}  // namespace foreword::assembler
