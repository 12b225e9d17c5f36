// A whole request body in one contiguous piece, with the padding that the scanner reads past its
// end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "config/limits.h"

namespace foreword::proxy {

class BodyBuffer {
 public:
  /// Room for `bytes` in all. Memory is not touched before it is written.
  void reserve(std::size_t bytes) {
    if (bytes <= capacity_) return;
    auto grown = std::make_unique_for_overwrite<char[]>(bytes + config::limits::kJsonPaddingBytes);
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
  /// The body, with kJsonPaddingBytes zero bytes behind it.
  [[nodiscard]] std::string_view padded() {
    reserve(std::max<std::size_t>(size_, 1));
    std::memset(storage_.get() + size_, 0, config::limits::kJsonPaddingBytes);
    return std::string_view(storage_.get(), size_);
  }

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace foreword::proxy
