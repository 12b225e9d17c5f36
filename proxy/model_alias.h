// Aliases of models ([alias] in the settings), as far as a prompt's body names one.
//
// Pure. Those in a Gemini path are resolved by recognise().
#pragma once

#include <cstddef>

#include "assembler/outline.h"
#include "assembler/plan.h"
#include "proxy/exchange.h"
#include "proxy/row.h"

namespace foreword::proxy {

/// Fills in what the body says: whether a stream is asked for, of which model, and by which alias.
/// An alias is a name, so it is resolved in every mode in which the body is read.
void settle_facts(const Exchange& exchange, const assembler::Outline& outline, PromptFacts& facts);

/// Adds to the plan that the body names the model that its alias stands for, if it has one.
/// Returns what the edits of the plan make the body longer by, that one aside.
[[nodiscard]] std::size_t resolve_alias(const assembler::Outline& outline, const PromptFacts& facts,
                                        assembler::Plan& plan);

}  // namespace foreword::proxy
