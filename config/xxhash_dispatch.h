// The xxHash library, with its own choice by processor: XXH3_128bits() and its relations take AVX2
// or AVX-512 where there is one, without it SSE2 everywhere. Only hash*.cc include it.
#pragma once

#include <cstddef>

#define XXH_STATIC_LINKING_ONLY  // the size of a stream's state, which is the same since 0.8.0
#include <xxhash.h>

#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#define FOREWORD_XXHASH_DISPATCHES
#endif

namespace foreword::config {

/// To be called behind the library when it has hashed `bytes`: as Debian 12 builds it, it leaves
/// the upper halves of the vector registers in use, which slows down what comes next and was
/// compiled for SSE by a multiple of what the hash costs.
inline void leave_vectors_clean([[maybe_unused]] std::size_t bytes) {
#if defined(FOREWORD_XXHASH_DISPATCHES)
  constexpr std::size_t kLongestWithoutVectors = 240;  // XXH3's own
  static const bool has_avx = __builtin_cpu_supports("avx") != 0;
  if (bytes <= kLongestWithoutVectors || !has_avx) return;
  asm volatile("vzeroupper" ::
                   : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                     "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
#endif
}

}  // namespace foreword::config
