// What is remembered of one prompt's prefixes: the memory's answer, and the planner's question.
//
// A value that both folders know, so that neither has to know the other. Positions count segments:
// position p is the prefix of the first p segments of the prompt, from 1 to their number.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/hash128.h"
#include "config/models.h"

namespace foreword::config {

/// What stands at the end of a prefix: what is the same for many prompts, or what one prompt says.
enum class PrefixKind : std::uint8_t { head, body };

/// One position of a prompt.
struct PromptPrefix {
  Hash128 hash;  // of the whole prefix, and of whatever separates the caches of two prompts
  /// Tokens of the whole prefix, estimated where nobody has counted them.
  std::uint32_t tokens = 0;
  PrefixKind kind = PrefixKind::body;
  /// Whether the block that ends it may carry a breakpoint.
  bool markable = true;
};

/// Which time to live a breakpoint asks for: 5 minutes or 1 hour at Anthropic, 30 minutes or 12
/// hours at OpenAI (CacheTerms).
enum class Lifetime : std::uint8_t { brief, extended };

/// A breakpoint at a position.
struct Mark {
  std::uint32_t position = 0;
  Lifetime lifetime = Lifetime::brief;
  bool operator==(const Mark&) const = default;
};

struct Outlook {
  /// Neighbouring positions of which the same is expected: from behind the run before, or what is
  /// warm, to `end`.
  struct Run {
    std::uint32_t end = 0;
    /// Chance that the prefix is used again within the brief time to live.
    double soon = 0;
    /// Of what follows a single write of it: how many gaps between two uses will be too long for
    /// the brief time to live and not for the extended one,
    double late_gaps = 0;
    /// and how many uses will come within the extended one of the use before.
    double uses = 0;
  };
  /// Together they cover all positions behind `warm`, and the last one in any case. What is warm is
  /// read, whatever is expected of it.
  std::vector<Run> runs;
  /// Positions that were met before; the others are new.
  std::uint32_t seen = 0;

  struct Entry {
    std::uint32_t position = 0;
    Lifetime lifetime = Lifetime::brief;
    /// From when on it can be read. For one that is still being written: about when.
    TimePoint visible;
    TimePoint expires;
  };
  /// The longest prefix that can be read now.
  std::optional<Entry> warm;
  /// A longer one that another request is writing.
  std::optional<Entry> in_writing;

  /// Where later prompts are expected to leave the path of this one, and how often compared with
  /// the others.
  struct Parting {
    std::uint32_t position = 0;
    double weight = 0;
  };
  std::vector<Parting> partings;

  /// False: enough has been written on trust for new prefixes; the next one waits for evidence.
  bool may_try = true;
};

}  // namespace foreword::config
