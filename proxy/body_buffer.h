// A whole request body in one contiguous piece, and the pool that large ones come from.
//
// Not thread-safe: a pool belongs to one shard, and outlives every buffer made from it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "config/limits.h"

namespace foreword::proxy {

/// Large pieces of memory that are used again: fresh ones cost a page fault for every 4 KB, which
/// is a fifth of the processor time of a body of a megabyte.
class BodyPool {
 public:
  struct Storage {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
  };

  /// At least that much room; the smallest free piece that has it.
  Storage take(std::size_t bytes) {
    const auto fits = [&](const Storage& piece) { return piece.capacity >= bytes; };
    auto best = std::ranges::find_if(free_, fits);  // sorted by capacity
    if (best == free_.end()) return make(bytes);
    Storage piece = std::move(*best);
    free_.erase(best);
    free_bytes_ -= piece.capacity;
    return piece;
  }
  void put_back(Storage piece) {
    const bool small = piece.capacity < config::limits::kLeastPooledBodyBytes;
    if (small || free_bytes_ + piece.capacity > config::limits::kPooledBodyBytesPerShard) return;
    free_bytes_ += piece.capacity;
    // Before its equals: the one used last is taken first, because it may still be in the cache.
    const auto place = [&](const Storage& other) { return other.capacity >= piece.capacity; };
    free_.insert(std::ranges::find_if(free_, place), std::move(piece));
  }

 private:
  /// Large ones in powers of two: the next body is rarely of the same size.
  static Storage make(std::size_t bytes) {
    Storage piece;
    const bool small = bytes < config::limits::kLeastPooledBodyBytes;
    piece.capacity = small ? bytes : std::bit_ceil(bytes);
    piece.bytes = std::make_unique_for_overwrite<char[]>(piece.capacity);
    return piece;
  }

  std::vector<Storage> free_;
  std::size_t free_bytes_ = 0;
};

class BodyBuffer {
 public:
  explicit BodyBuffer(BodyPool& pool) : pool_(pool) {}
  ~BodyBuffer() { clear(); }
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  /// Room for `bytes` in all. Memory is not touched before it is written.
  void reserve(std::size_t bytes) {
    if (bytes <= capacity()) return;
    auto grown = pool_.take(bytes);
    if (size_ > 0) std::memcpy(grown.bytes.get(), storage_.bytes.get(), size_);
    std::swap(storage_, grown);
    pool_.put_back(std::move(grown));
  }
  void append(std::string_view bytes) {
    if (size_ + bytes.size() > capacity()) {
      reserve(std::max(size_ + bytes.size(), 2 * capacity()));
    }
    if (!bytes.empty()) std::memcpy(storage_.bytes.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// Where the next bytes go; at most capacity() - size() of them, then commit().
  [[nodiscard]] char* end() { return storage_.bytes.get() + size_; }
  void commit(std::size_t bytes) { size_ += bytes; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return storage_.capacity; }
  [[nodiscard]] std::string_view view() const { return {storage_.bytes.get(), size_}; }
  /// Lets go of the body and of its memory.
  void clear() {
    pool_.put_back(std::exchange(storage_, BodyPool::Storage()));
    size_ = 0;
  }

 private:
  BodyPool& pool_;
  BodyPool::Storage storage_;
  std::size_t size_ = 0;
};

}  // namespace foreword::proxy
