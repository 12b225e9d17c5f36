// Aliases of models ([alias] in the settings), as far as a prompt's body names one.
//
// Pure. Those in a Gemini path are resolved by recognise().
#pragma once

#include <cstddef>
#include <string>

#include "assembler/outline.h"
#include "assembler/plan.h"
#include "proxy/exchange.h"
#include "proxy/row.h"
#include "proxy/shard.h"

namespace foreword::proxy {

/// Fills in what the body says: whether a stream is asked for, of which model, and by which alias.
/// Returns the model if it is the body that names an alias, so that it has to name this one
/// instead; nullptr: it stays as it is. An alias is a name, so it is resolved in every mode in
/// which the body is read.
[[nodiscard]] const std::string* settle_facts(const Exchange& exchange,
                                              const assembler::Outline& outline,
                                              PromptFacts& facts);

/// What the edits of a plan make a body longer by.
[[nodiscard]] std::size_t bytes_added(const assembler::Plan& plan);

}  // namespace foreword::proxy
