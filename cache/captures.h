// Prompts and their answers that are kept for training: sealed, each prompt once, bounded.
//
// Thread-safe. The store has to outlive it. Nothing is read or written before the first call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/ledger.h"
#include "cache/seal.h"
#include "cache/store.h"
#include "config/provider.h"

namespace foreword::cache {

/// A prompt and its answer, both as they went over the wire, their transfer and content coding
/// undone.
struct Capture {
  RequestId id;
  std::string label;
  config::Operation operation{};
  std::string model;    // as requested, an alias resolved
  bool events = false;  // the answer is a stream of server-sent events
  std::string prompt;   // the client's own body: no knowledge base
  std::string answer;
};

/// Which of them.
struct CaptureSelection {
  TimeRange range;
  std::optional<std::string> label;  // exactly
};

/// Of one that is looked at.
struct CaptureView {
  RequestId id;
  std::optional<Capture> capture;  // nothing: it cannot be opened
  bool other_key = false;          // for that reason; else it is damaged
  bool other_label = false;        // than the one that is asked for: it has not been opened
};

class Captures {
 public:
  /// Without a key nothing can be added or opened, only counted and removed. `max_bytes`: of all
  /// records as they are stored.
  Captures(Store& store, const std::optional<config::SealKey>& key, std::size_t max_bytes);
  Captures(const Captures&) = delete;
  Captures& operator=(const Captures&) = delete;

  [[nodiscard]] bool has_key() const { return sealer_.has_value(); }

  /// `same`: what makes its prompt the same as another one of that label, whose record goes. False:
  /// it is larger than all records may be. Where there is no room the oldest ones go.
  /// REQUIRES: has_key().
  [[nodiscard]] config::Result<bool> add(const Capture& capture, std::string_view same);

  struct Totals {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  // as they are stored
    /// Sealed with another key than this one; without a key, all.
    std::uint64_t other_key = 0;
    std::map<std::string, std::uint64_t> by_label;  // records
  };
  [[nodiscard]] config::Result<Totals> totals() const;

  /// Oldest first from the one named `first` on, which need not be there; `visit` returns false to
  /// stop, and must not call this. Sees one moment.
  [[nodiscard]] config::Result<void> for_each(
      const CaptureSelection& selection, const std::optional<RequestId>& first,
      const std::function<bool(CaptureView&&)>& visit) const;

  /// Returns how many there were. What is removed is overwritten when RocksDB next compacts.
  [[nodiscard]] config::Result<std::uint64_t> remove(const CaptureSelection& selection);

 private:
  [[nodiscard]] config::Result<void> learn_bytes();
  [[nodiscard]] config::Result<std::uint64_t> remove_all();
  [[nodiscard]] config::Result<std::vector<Write>> plan_removal(
      const CaptureSelection& selection, std::optional<std::string>& from) const;
  [[nodiscard]] config::Result<void> make_room(std::uint64_t bytes, std::string_view but_not,
                                               std::vector<Write>& batch, std::uint64_t& freed);

  Store& store_;
  std::optional<Sealer> sealer_;
  std::uint64_t max_bytes_;
  std::mutex changing_;                 // guards what follows, and held while records are changed
  std::optional<std::uint64_t> bytes_;  // of all; nothing: not counted yet
  std::string oldest_;                  // no key of a record is smaller
};

}  // namespace foreword::cache
