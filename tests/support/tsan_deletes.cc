// Part of every test program of the tsan preset: makes what is freed twice visible.
//
// g++ 12 destroys some temporaries beside a co_await twice. ThreadSanitizer lets free() pass on
// what is free already, but tells of a write to it: so each delete writes to what it frees.
#include <cstdlib>
#include <new>

void* operator new(std::size_t size) {
  if (void* bytes = std::malloc(size == 0 ? 1 : size)) return bytes;
  throw std::bad_alloc();
}

void operator delete(void* bytes) noexcept {
  if (bytes != nullptr) *static_cast<volatile char*>(bytes) = 0;
  std::free(bytes);
}

void operator delete(void* bytes, std::size_t) noexcept {
  operator delete(bytes);
}
