// What `foreword kb load` and its worker `foreword-extract` say to each other, over a socket that
// keeps messages apart (SOCK_SEQPACKET).
//
// Both are of one build and lie beside each other, so these are plain structs. With each request
// come two open files: the one to read, and the one to write the text to.
#pragma once

#include <cstdint>

namespace foreword::tools {

/// Sanitizers take all address space: then the limit of memory is not set.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kShadowMemory = true;
#elif defined(__has_feature)
inline constexpr bool kShadowMemory =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kShadowMemory = false;
#endif

enum class ExtractFormat : std::uint8_t { html, pdf, docx };

struct ExtractRequest {
  ExtractFormat format{};
  std::uint64_t memory_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t cpu_seconds = 0;
  std::uint64_t wall_seconds = 0;
};

/// How the process ended that did it: as waitpid() says.
struct ExtractReply {
  int wait_status = 0;
};

/// Exit codes that libraries do not use by themselves.
inline constexpr int kExtracted = 0;
inline constexpr int kRefused = 80;  // the output is the reason
inline constexpr int kOutOfMemory = 81;
inline constexpr int kNotSetUp = 82;

}  // namespace foreword::tools
