#include "proxy/capture_writer.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "assembler/example.h"
#include "config/limits.h"
#include "config/name_table.h"
#include "proxy/log.h"

namespace foreword::proxy {
namespace {

constexpr std::array kLosses{
    config::Named<CaptureLoss>{CaptureLoss::incomplete, "incomplete"},
    config::Named<CaptureLoss>{CaptureLoss::too_large, "too_large"},
    config::Named<CaptureLoss>{CaptureLoss::no_room, "no_room"},
    config::Named<CaptureLoss>{CaptureLoss::unreadable, "unreadable"},
    config::Named<CaptureLoss>{CaptureLoss::store, "store"},
};
static_assert(kLosses.size() == kCaptureLosses);

/// How long captures gather while others come: a wake-up for each would take a request longer than
/// the rest of it, and the core from a shard.
constexpr std::chrono::milliseconds kGatherPause{20};

/// What makes a prompt the same as another one: what it says; where it makes no example its bytes,
/// so that an answer which is of no use takes the place of none that is.
std::string identity_of(const cache::Capture& capture) {
  assembler::ExampleSource source;
  source.operation = capture.operation;
  source.prompt = capture.prompt;
  source.answer = capture.answer;
  source.events = capture.events;
  const auto example = assembler::read_example(source);
  return example ? assembler::prompt_text(*example) : capture.prompt;
}

}  // namespace

std::string_view name_of(CaptureLoss loss) {
  return config::name_in(kLosses, loss);
}

PendingCapture::PendingCapture(std::atomic<std::size_t>& held, cache::Capture facts)
    : record_(std::move(facts)), charge_(held, config::limits::kCaptureMemoryBytes) {}

void PendingCapture::give_up(CaptureLoss loss) {
  if (loss_) return;
  loss_ = loss;
  std::string().swap(record_.prompt);  // an assignment would keep its memory
  std::string().swap(record_.answer);
  charge_.release();
}

void PendingCapture::copy_prompt(std::string_view prompt) {
  if (prompt.size() > config::limits::kMaxCaptureBytes) return give_up(CaptureLoss::too_large);
  if (!charge_.grow_to(sizeof *this + prompt.size())) return give_up(CaptureLoss::no_room);
  record_.prompt = prompt;
}

void PendingCapture::add(std::string_view piece) {
  if (loss_) return;
  auto& answer = record_.answer;
  const auto size = answer.size() + piece.size();
  const auto prompt = record_.prompt.size();
  if (prompt + size > config::limits::kMaxCaptureBytes) return give_up(CaptureLoss::too_large);
  if (size > answer.capacity()) {
    const auto capacity = std::max(size, 2 * answer.capacity());
    if (!charge_.grow_to(sizeof *this + prompt + capacity)) return give_up(CaptureLoss::no_room);
    answer.reserve(capacity);
  }
  answer += piece;
}

CaptureWriter::CaptureWriter(cache::Captures& captures, const config::DistillSettings& settings)
    : captures_(captures), settings_(settings), thread_([this] { run(); }) {}

CaptureWriter::~CaptureWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
}

std::unique_ptr<PendingCapture> CaptureWriter::begin(cache::Capture facts,
                                                     std::string_view prompt) {
  auto capture = std::make_unique<PendingCapture>(held_, std::move(facts));
  capture->copy_prompt(prompt);
  if (!capture->loss()) return capture;
  drop(*capture->loss());
  return nullptr;
}

void CaptureWriter::finish(std::unique_ptr<PendingCapture> capture) {
  if (capture->loss()) return drop(*capture->loss());
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(capture));
    ++accepted_;
    wake = std::exchange(asleep_, false);
  }
  if (wake) work_.notify_one();
}

void CaptureWriter::flush() {
  std::unique_lock lock(mutex_);
  const auto target = accepted_;
  ++flushes_;
  work_.notify_one();
  progress_.wait_for(lock, config::limits::kCaptureFlushTimeout,
                     [&] { return finished_ >= target; });
  --flushes_;
}

CaptureWriter::Counts CaptureWriter::counts() const {
  Counts counts;
  counts.captured = captured_.load();
  for (std::size_t i = 0; i < kCaptureLosses; ++i) counts.dropped[i] = dropped_[i].load();
  return counts;
}

void CaptureWriter::drop(CaptureLoss loss) {
  ++dropped_[static_cast<std::size_t>(loss)];
}

void CaptureWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asleep_ = true;
    work_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    asleep_ = false;
    if (queue_.empty()) return;
    work_.wait_for(lock, kGatherPause, [this] { return stopping_ || flushes_ > 0; });
    auto taken = std::exchange(queue_, {});
    for (auto& capture : taken) {
      lock.unlock();
      write(*capture);
      capture.reset();
      lock.lock();
      ++finished_;
      progress_.notify_all();
    }
  }
}

void CaptureWriter::write(const PendingCapture& capture) {
  std::string failure;
  try {
    const auto stored = captures_.add(capture.record(), identity_of(capture.record()));
    if (stored && *stored) {
      ++captured_;
    } else if (stored) {
      drop(CaptureLoss::too_large);
    } else {
      failure = stored.error().message;
    }
  } catch (const std::exception& error) {  // no memory, say
    failure = error.what();
  }
  if (!failure.empty()) {
    drop(CaptureLoss::store);
    if (!failing_) log_error("distill", "a prompt was not captured: " + failure);
  }
  failing_ = !failure.empty();
}

}  // namespace foreword::proxy
