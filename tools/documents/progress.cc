#include "tools/documents/progress.h"

#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "config/number_text.h"
#include "tools/documents/quantity.h"

namespace foreword::tools {
namespace {

constexpr std::size_t kBarColumns = 30;
constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::seconds kLineInterval{2};
/// Back to the first column, and nothing behind it.
constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

ProgressDisplay::ProgressDisplay() : terminal_(isatty(STDERR_FILENO) == 1) {
  next_ = std::chrono::steady_clock::now();
  if (!terminal_) next_ += kLineInterval;
}

ProgressDisplay::~ProgressDisplay() {
  if (bar_is_there_) fmt::print(stderr, "{}", kClearLine);
}

void ProgressDisplay::show(const LoadProgress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_ || progress.files == 0) return;
  const auto counts =
      fmt::format("{} of {} files, {}", config::with_commas(progress.files_done),
                  config::with_commas(progress.files), as_size(progress.text_bytes));
  if (terminal_) {
    const auto filled = kBarColumns * progress.files_done / progress.files;
    fmt::print(stderr, "{}[{}{}] {}", kClearLine, std::string(filled, '#'),
               std::string(kBarColumns - filled, ' '), counts);
    std::fflush(stderr);
    bar_is_there_ = true;
    next_ = now + kBarInterval;
  } else {
    fmt::print(stderr, "read {}\n", counts);
    next_ = now + kLineInterval;
  }
}

}  // namespace foreword::tools
