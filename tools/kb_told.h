// What a model is told by layers, read as it is told to: does it leave each current document
// exactly once, and nothing else?
//
// A second opinion on assembler/layer.h, of which it knows only the text.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "assembler/layer.h"
#include "config/hash128.h"

namespace foreword::tools {

class ToldDocuments {
 public:
  /// Nothing, if the layers tell `current`; else what is wrong, with the path of a document. The
  /// layers that were there before are not read again.
  [[nodiscard]] std::optional<std::string> check(const std::vector<assembler::Layer>& layers,
                                                 const assembler::Snapshot& current);

 private:
  /// The sections of each document, by path.
  using Documents = std::map<std::string, std::vector<std::string>>;
  struct AfterLayer {
    config::Hash128 layer;
    std::size_t last_index = 0;
    Documents documents;
  };
  class Reader;

  std::vector<AfterLayer> read_;
};

}  // namespace foreword::tools
