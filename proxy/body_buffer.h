// A whole request body in one contiguous piece, and the pool that large ones come from.
//
// Not thread-safe: a pool belongs to one shard, and outlives every buffer made from it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/deadlines.h"

namespace foreword::proxy {

/// Large pieces of memory that are used again: fresh ones cost a page fault for every 4 KB, which
/// is a fifth of the processor time of a body of a megabyte. In the Deadlines of its shard it gives
/// back what a quiet while has not needed.
class BodyPool final : public Expirable {
 public:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  struct Storage {
    std::unique_ptr<char[], Free> bytes;
    std::size_t capacity = 0;
  };

  /// At least that much room; the smallest free piece that has it.
  Storage take(std::size_t bytes);
  void put_back(Storage piece);

 private:
  void on_expiry() override;

  std::vector<Storage> free_;  // sorted by capacity
  std::size_t free_bytes_ = 0;
  std::size_t unneeded_bytes_ = 0;  // the least that was free since the last expiry
  bool expires_ = false;
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
