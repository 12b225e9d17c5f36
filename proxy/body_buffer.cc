#include "proxy/body_buffer.h"

#include <bit>
#include <new>

#include <sys/mman.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

constexpr std::size_t kHugePageBytes = 2u << 20;

char* allocate(std::size_t bytes) {
  const bool huge = bytes >= kHugePageBytes;
  const auto alignment = huge ? kHugePageBytes : alignof(std::max_align_t);
  const auto whole = (bytes + alignment - 1) / alignment * alignment;
  auto* memory = static_cast<char*>(std::aligned_alloc(alignment, std::max(whole, alignment)));
  if (memory == nullptr) throw std::bad_alloc();
  // A wish: one page fault instead of 512. Where it is not granted, nothing is lost.
  if (huge) ::madvise(memory, whole, MADV_HUGEPAGE);
  return memory;
}

/// Large ones in powers of two: the next body is rarely of the same size.
BodyPool::Storage make(std::size_t bytes) {
  BodyPool::Storage piece;
  const bool small = bytes < config::limits::kLeastPooledBodyBytes;
  piece.capacity = small ? bytes : std::bit_ceil(bytes);
  piece.bytes.reset(allocate(piece.capacity));
  return piece;
}

}  // namespace

BodyPool::Storage BodyPool::take(std::size_t bytes) {
  const auto fits = [&](const Storage& piece) { return piece.capacity >= bytes; };
  auto best = std::ranges::find_if(free_, fits);
  if (best == free_.end()) return make(bytes);
  Storage piece = std::move(*best);
  free_.erase(best);
  free_bytes_ -= piece.capacity;
  unneeded_bytes_ = std::min(unneeded_bytes_, free_bytes_);
  return piece;
}

void BodyPool::put_back(Storage piece) {
  const bool small = piece.capacity < config::limits::kLeastPooledBodyBytes;
  if (small || free_bytes_ + piece.capacity > config::limits::kPooledBodyBytesPerShard) return;
  free_bytes_ += piece.capacity;
  // Before its equals: the one used last is taken first, because it may still be in the cache.
  const auto place = [&](const Storage& other) { return other.capacity >= piece.capacity; };
  free_.insert(std::ranges::find_if(free_, place), std::move(piece));
  if (!std::exchange(expires_, true)) expires_after(config::limits::kPooledBodyTime);
}

/// Frees what lay here all the time since it was last asked, the largest pieces first.
void BodyPool::on_expiry() {
  while (!free_.empty() && free_.back().capacity <= unneeded_bytes_) {
    unneeded_bytes_ -= free_.back().capacity;
    free_bytes_ -= free_.back().capacity;
    free_.pop_back();
  }
  unneeded_bytes_ = free_bytes_;
  expires_ = !free_.empty();
  if (expires_) expires_after(config::limits::kPooledBodyTime);
}

}  // namespace foreword::proxy
