// Keeps prompts and their answers for training, beside the requests: copies within bounds, a queue,
// and one thread that reads, seals and stores them.
//
// A request never waits for it, nor fails because of it. What cannot be kept is dropped and
// counted.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cache/captures.h"
#include "config/settings.h"
#include "proxy/body_charge.h"

namespace foreword::proxy {

/// Why a prompt of a label that asks for it was not kept.
enum class CaptureLoss : std::uint8_t {
  incomplete,  // its answer failed or was cut
  too_large,   // limits::kMaxCaptureBytes, or more than all may be
  no_room,     // those under way and in the queue hold limits::kCaptureMemoryBytes
  unreadable,  // its answer has a coding that we cannot undo
  store,       // the store failed
};
inline constexpr std::size_t kCaptureLosses = 5;
[[nodiscard]] std::string_view name_of(CaptureLoss loss);

/// One prompt and its answer, while it is relayed. Belongs to one thread at a time.
class PendingCapture {
 public:
  PendingCapture(std::atomic<std::size_t>& held, cache::Capture facts);

  /// The next bytes of the answer, their coding undone. Beyond the bounds it gives up.
  void add(std::string_view piece);
  void give_up(CaptureLoss loss);
  void set_events(bool events) { record_.events = events; }

  [[nodiscard]] const std::optional<CaptureLoss>& loss() const { return loss_; }
  [[nodiscard]] const cache::Capture& record() const { return record_; }
  /// What is copied. `prompt` may be let go afterwards.
  void copy_prompt(std::string_view prompt);

 private:
  cache::Capture record_;
  BodyCharge charge_;
  std::optional<CaptureLoss> loss_;
};

/// Thread-safe. `captures` has a key, and outlives it; so does `settings`.
class CaptureWriter {
 public:
  CaptureWriter(cache::Captures& captures, const config::DistillSettings& settings);
  /// Writes what is queued.
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  [[nodiscard]] bool wants(std::string_view label) const { return settings_.wants(label); }
  /// `facts` has no texts. nullptr: there is no room for that prompt.
  [[nodiscard]] std::unique_ptr<PendingCapture> begin(cache::Capture facts,
                                                      std::string_view prompt);
  /// It is whole, or has given up.
  void finish(std::unique_ptr<PendingCapture> capture);
  /// Returns when what was finished before is in the store, or after limits::kCaptureFlushTimeout.
  void flush();

  struct Counts {
    std::uint64_t captured = 0;
    std::array<std::uint64_t, kCaptureLosses> dropped{};  // by CaptureLoss
  };
  /// Since the start.
  [[nodiscard]] Counts counts() const;

 private:
  void run();
  void write(const PendingCapture& capture);
  void drop(CaptureLoss loss);

  cache::Captures& captures_;
  const config::DistillSettings& settings_;
  std::atomic<std::size_t> held_{0};
  std::atomic<std::uint64_t> captured_{0};
  std::array<std::atomic<std::uint64_t>, kCaptureLosses> dropped_{};

  std::mutex mutex_;  // guards the next six
  std::vector<std::unique_ptr<PendingCapture>> queue_;
  std::uint64_t accepted_ = 0;
  std::uint64_t finished_ = 0;
  std::size_t flushes_ = 0;  // calls of flush() that wait
  bool asleep_ = false;      // the writer waits for `work_`, without an end of its own
  bool stopping_ = false;
  std::condition_variable work_;
  std::condition_variable progress_;
  bool failing_ = false;  // the writer's thread only: the last write did
  std::thread thread_;
};

}  // namespace foreword::proxy
