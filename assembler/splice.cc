#include "assembler/splice.h"

#include <cassert>

namespace foreword::assembler {
namespace {

void add(SplicedBody& spliced, std::string_view piece) {
  if (piece.empty()) return;
  spliced.pieces.push_back(piece);
  spliced.total_bytes += piece.size();
}

}  // namespace

SplicedBody splice(std::string_view body, std::span<const Edit> edits) {
  SplicedBody spliced;
  spliced.pieces.reserve(2 * edits.size() + 1);
  std::size_t kept_until = 0;
  for (const Edit& edit : edits) {
    assert(edit.at >= kept_until && edit.at + edit.erase <= body.size());
    add(spliced, body.substr(kept_until, edit.at - kept_until));
    add(spliced, edit.insert);
    kept_until = edit.at + edit.erase;
  }
  add(spliced, body.substr(kept_until));
  return spliced;
}

std::string to_string(const SplicedBody& spliced) {
  std::string text;
  text.reserve(spliced.total_bytes);
  for (const auto piece : spliced.pieces) text += piece;
  return text;
}

}  // namespace foreword::assembler
