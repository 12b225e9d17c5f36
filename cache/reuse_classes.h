// How likely it is that a prefix is used again: learned from the prefixes that are like it.
//
// A use of a prefix falls in a class: new ones by how many requests built what is in front and by
// size, known ones by how often they were used, how long ago, and size. What is not known of a
// class is taken from the wider one that holds it, and at the start from a prior.
//
// Chances are estimated from hazards: how many of those that were still waiting were used again in
// a piece of time, by how long they waited. Uses whose time is not over count for the time that
// they have had, so evidence counts from its first second on, and impatience biases nothing.
//
// Not thread-safe: the owner locks. Some 230 kB.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "config/outlook.h"

namespace foreword::cache {

namespace records {
class PrefixScope;
}

/// Names a class, and with it those that hold it.
using ReuseClass = std::uint16_t;

/// Whether a number names one.
[[nodiscard]] bool is_reuse_class(std::uint32_t number);

/// How long after the use before: within the brief time to live, the extended one, or later.
enum class LastGap : std::uint8_t { brief, late, longer };

/// A prefix that was not met before. `generation`: requests that built what stands in front of it,
/// this one included. `new_tokens`: of all that is new in its request.
[[nodiscard]] ReuseClass class_of_new(config::PrefixKind kind, std::uint32_t generation,
                                      std::uint32_t new_tokens);
/// The end of a request: it often holds what no other prompt says.
[[nodiscard]] ReuseClass class_of_tail(std::uint32_t generation);
/// More uses than this are one class.
inline constexpr std::uint32_t kMostUses = 4;
/// `uses`: before this one. `known_tokens`: of all that is known in its request.
[[nodiscard]] ReuseClass class_of_known(config::PrefixKind kind, LastGap gap, std::uint32_t uses,
                                        std::uint32_t known_tokens);

class ReuseClasses {
 public:
  explicit ReuseClasses(std::chrono::seconds brief);

  /// Lets time pass: call it before anything else at that time.
  void advance(config::TimePoint now);

  /// A use at `now` that may be followed by another. `weight`: its share of the request, so that
  /// each request counts once whatever its length.
  void begin(ReuseClass use, config::TimePoint now, double weight);
  /// The use that was begun at `then` was followed by another one now.
  void end(ReuseClass use, config::TimePoint then, config::TimePoint now, double weight);

  struct Chances {
    double soon = 0;  // of another use within the brief time to live,
    double late = 0;  // and of one after it, but within the extended one
  };
  [[nodiscard]] Chances chances(ReuseClass use) const;

  /// What a single write at this use is followed by (config::Outlook::Run), cautiously: what has
  /// lasted for an hour need not last for another.
  struct PerWrite {
    double late_gaps = 0;
    double uses = 0;
  };
  [[nodiscard]] PerWrite per_write(ReuseClass use, config::PrefixKind kind,
                                   std::uint32_t tokens) const;

  /// Another request wrote what had not been met before: on trust.
  void tried() { tries_ += 1; }
  /// A few may do so before the first of them has paid off; then some for each that does.
  [[nodiscard]] bool may_try() const;

  /// All that was learned, and back. False: it is none of these classes'; what was there may be
  /// gone.
  void save(records::PrefixScope& scope) const;
  [[nodiscard]] bool restore(const records::PrefixScope& scope);

 private:
  /// Pieces of time with a hazard each, and the slots in which uses wait: fine ones for the brief
  /// time to live, coarse ones from there to twelve times that.
  static constexpr std::size_t kPieces = 6;
  static constexpr std::size_t kFineSlots = 30;
  static constexpr std::size_t kCoarseSlots = 60;
  static constexpr std::size_t kMostClasses = 512;
  using Hazards = std::array<double, kPieces>;
  using Clock = std::chrono::microseconds;

  struct Counts {
    std::array<float, kPieces> ended{};
    /// One that waited through a whole piece counts 1.
    std::array<float, kPieces> waited{};
    // In rings, by the slot of their beginning.
    std::array<float, kFineSlots + 1> fine{};
    std::array<float, kCoarseSlots + 1> coarse{};
  };

  /// What the uses behind a brief gap are followed by, and those behind a late one.
  using AfterGap = std::array<PerWrite, 2>;
  /// By how often the prefix was used before, from once on.
  using Following = std::array<AfterGap, kMostUses>;

  [[nodiscard]] static PerWrite with_what_follows(const Chances& chances, const AfterGap& after);
  [[nodiscard]] Chances lasting_chances(ReuseClass use) const;
  [[nodiscard]] const Following& following(config::PrefixKind kind) const;
  [[nodiscard]] Hazards hazards(ReuseClass use) const;
  void pass_fine(std::int64_t slot);
  void pass_coarse(std::int64_t slot);
  template <class Visit>
  void each_used(Visit&& visit);

  Clock fine_;
  Clock coarse_;
  std::int64_t first_ = 0;  // fine slot in which time began
  std::int64_t fine_now_ = 0;
  std::int64_t coarse_now_ = 0;
  std::array<Counts, kMostClasses> counts_{};
  std::bitset<kMostClasses> used_;
  double tries_ = 0;
  double successes_ = 0;
  mutable std::array<std::optional<Following>, 2> following_;  // by kind; until something changes
};

}  // namespace foreword::cache
