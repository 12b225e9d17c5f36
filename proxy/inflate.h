// Undoes gzip and deflate, piece by piece: the meter's view of a compressed answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "proxy/head.h"

namespace foreword::proxy {

enum class BodyCoding : std::uint8_t { plain, zipped, unknown };
/// What Content-Encoding says of a body; `unknown` is one that we cannot undo.
[[nodiscard]] BodyCoding coding_of(const Fields& fields);

/// Fails quietly: after bytes that are no gzip it gives nothing more.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  /// Calls `sink` with what `bytes` decode to, in pieces.
  template <class Sink>
  void feed(std::string_view bytes, Sink&& sink) {
    start(bytes);
    for (auto piece = next(); !piece.empty(); piece = next()) sink(piece);
  }

 private:
  struct State;
  void start(std::string_view bytes);
  [[nodiscard]] std::string_view next();
  std::unique_ptr<State> state_;
};

}  // namespace foreword::proxy
