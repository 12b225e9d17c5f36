// An open file descriptor that closes itself.
//
// Owns it; moves, does not copy.
#pragma once

#include <utility>

#include <unistd.h>

namespace foreword::tools {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  void reset() { UniqueFd(std::exchange(fd_, -1)); }

 private:
  int fd_ = -1;
};

}  // namespace foreword::tools
