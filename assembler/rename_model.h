// Another model in the place of the one that a body names.
//
// Pure.
#pragma once

#include <string_view>

#include "assembler/outline.h"
#include "assembler/plan.h"

namespace foreword::assembler {

/// Adds to `plan` that the value of the body's "model" is replaced, and nothing else. Nothing is
/// added where the body names none.
/// REQUIRES: `model` is printable ASCII without '"' and '\\'; the plan is of that outline.
void rename_model(const Outline& outline, std::string_view model, Plan& plan);

}  // namespace foreword::assembler
