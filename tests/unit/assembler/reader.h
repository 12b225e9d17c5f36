// Reads layers as a model is told to: what is the current text of each document?
//
// The second opinion on layer.h: knows the wrapping only from its own text, and fails a test where
// that contradicts itself.
#pragma once

#include <map>
#include <span>
#include <string>

#include "assembler/layer.h"

namespace foreword::assembler {

/// Text by path of every document that is current. Texts must not hold '<'.
[[nodiscard]] std::map<std::string, std::string> read_as_told(std::span<const Layer> layers);

}  // namespace foreword::assembler
