// The model table in force, which an import replaces while requests run.
//
// Tables are only ever added: what now() returned, and pointers into it, stay good as long as this
// lives, so that a request needs no lock and no count of references. An import costs the memory of
// one table, some hundred kilobytes, until the program ends.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "config/models.h"

namespace foreword::config {

/// Thread-safe.
class LiveModels {
 public:
  /// `first` outlives this.
  explicit LiveModels(const ModelTable& first) : first_(first), current_(&first) {}
  LiveModels(const LiveModels&) = delete;
  LiveModels& operator=(const LiveModels&) = delete;

  /// What requests that begin now are priced by.
  [[nodiscard]] const ModelTable& now() const { return *current_.load(std::memory_order_acquire); }

  /// Without what was imported: imports are applied to this one, all of them.
  [[nodiscard]] const ModelTable& first() const { return first_; }

  void replace(ModelTable next) {
    const std::lock_guard lock(changing_);
    tables_.push_back(std::make_unique<const ModelTable>(std::move(next)));
    current_.store(tables_.back().get(), std::memory_order_release);
  }

 private:
  const ModelTable& first_;
  std::atomic<const ModelTable*> current_;
  std::mutex changing_;
  std::vector<std::unique_ptr<const ModelTable>> tables_;
};

}  // namespace foreword::config
