// Fixed-size buffers that a shard's connections share: an idle connection holds none.
//
// Not thread-safe: belongs to one shard, and outlives every Block taken from it.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "config/limits.h"

namespace foreword::proxy {

inline constexpr std::size_t kBlockBytes = config::limits::kRelayBytes;
static_assert(kBlockBytes >= config::limits::kMostMaxHeadBytes, "a head has to fit into one block");

class BlockPool {
 public:
  using Storage = std::unique_ptr<char[]>;

  /// Returns its storage to the pool when it goes.
  class Block {
   public:
    Block() = default;
    Block(BlockPool& pool, Storage storage) : pool_(&pool), storage_(std::move(storage)) {}
    Block(Block&&) = default;
    Block& operator=(Block&& other) noexcept {
      release();
      pool_ = other.pool_;
      storage_ = std::move(other.storage_);
      return *this;
    }
    ~Block() { release(); }

    [[nodiscard]] char* data() const { return storage_.get(); }
    explicit operator bool() const { return storage_ != nullptr; }
    void release() {
      if (storage_) pool_->put_back(std::move(storage_));
    }

   private:
    BlockPool* pool_ = nullptr;
    Storage storage_;
  };

  Block take() {
    if (free_.empty()) return Block(*this, std::make_unique_for_overwrite<char[]>(kBlockBytes));
    Storage storage = std::move(free_.back());
    free_.pop_back();
    return Block(*this, std::move(storage));
  }

 private:
  static constexpr std::size_t kKeptBlocks = 64;
  void put_back(Storage storage) {
    if (free_.size() < kKeptBlocks) free_.push_back(std::move(storage));
  }
  std::vector<Storage> free_;
};

}  // namespace foreword::proxy
