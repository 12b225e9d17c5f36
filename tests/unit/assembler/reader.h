// Reads layers as a model is told to: what is the current text of each document?
//
// The second opinion on layer.h: knows the wrapping only from its own text, and fails a test where
// that contradicts itself.
#pragma once

#include <map>
#include <span>
#include <string>

#include "assembler/knowledge.h"
#include "assembler/layer.h"

namespace foreword::assembler {

/// Text by path.
using Documents = std::map<std::string, std::string>;

/// Every document that is current. Texts must not hold '<'.
[[nodiscard]] Documents read_as_told(std::span<const Layer> layers);
/// The same of several knowledge bases, by name.
[[nodiscard]] std::map<std::string, Documents> read_bases_as_told(
    std::span<const KnowledgeLayer> layers);

}  // namespace foreword::assembler
