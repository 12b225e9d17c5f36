// Buffers of two fixed sizes that a shard's connections share: an idle connection holds none.
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
inline constexpr std::size_t kLargeBlockBytes = config::limits::kTlsBatchBytes;

class BlockPool {
 public:
  using Storage = std::unique_ptr<char[]>;

  /// Returns its storage to the pool when it goes.
  class Block {
   public:
    Block() = default;
    Block(BlockPool& pool, Storage storage, std::size_t size)
        : pool_(&pool), storage_(std::move(storage)), size_(size) {}
    Block(Block&&) = default;
    Block& operator=(Block&& other) noexcept {
      release();
      pool_ = other.pool_;
      storage_ = std::move(other.storage_);
      size_ = other.size_;
      return *this;
    }
    ~Block() { release(); }

    [[nodiscard]] char* data() const { return storage_.get(); }
    [[nodiscard]] std::size_t size() const { return storage_ ? size_ : 0; }
    explicit operator bool() const { return storage_ != nullptr; }
    void release() {
      if (storage_) pool_->free_of(size_).put_back(std::move(storage_));
    }

   private:
    BlockPool* pool_ = nullptr;
    Storage storage_;
    std::size_t size_ = 0;
  };

  /// Of kBlockBytes.
  Block take() { return Block(*this, small_.take(kBlockBytes), kBlockBytes); }
  /// So few are out that one may be held for bytes that have yet to come.
  [[nodiscard]] bool has_spare() const { return small_.out < small_.most; }
  /// Of kLargeBlockBytes.
  Block take_large() { return Block(*this, large_.take(kLargeBlockBytes), kLargeBlockBytes); }

 private:
  struct FreeList {
    std::size_t most;  // kept
    std::vector<Storage> blocks;
    std::size_t out = 0;

    Storage take(std::size_t bytes) {
      ++out;
      if (blocks.empty()) return std::make_unique_for_overwrite<char[]>(bytes);
      Storage storage = std::move(blocks.back());
      blocks.pop_back();
      return storage;
    }
    void put_back(Storage storage) {
      --out;
      if (blocks.size() < most) blocks.push_back(std::move(storage));
    }
  };
  FreeList& free_of(std::size_t size) { return size == kBlockBytes ? small_ : large_; }

  FreeList small_{64, {}, 0};
  FreeList large_{16, {}, 0};
};

}  // namespace foreword::proxy
