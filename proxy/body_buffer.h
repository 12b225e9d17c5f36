// A whole request body in one contiguous piece.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace foreword::proxy {

class BodyBuffer {
 public:
  /// Room for `bytes` in all. Memory is not touched before it is written.
  void reserve(std::size_t bytes) {
    if (bytes <= capacity_) return;
    auto grown = std::make_unique_for_overwrite<char[]>(bytes);
    if (size_ > 0) std::memcpy(grown.get(), storage_.get(), size_);
    storage_ = std::move(grown);
    capacity_ = bytes;
  }
  void append(std::string_view bytes) {
    if (size_ + bytes.size() > capacity_) {
      reserve(std::max(size_ + bytes.size(), 2 * capacity_));
    }
    if (!bytes.empty()) std::memcpy(storage_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// Where the next bytes go; at most capacity() - size() of them, then commit().
  [[nodiscard]] char* end() { return storage_.get() + size_; }
  void commit(std::size_t bytes) { size_ += bytes; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::string_view view() const { return {storage_.get(), size_}; }

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace foreword::proxy
