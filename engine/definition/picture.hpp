// A plan drawn as text, for `amends check`, REST and documents.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definition/plan.hpp"

namespace amends::engine {

enum class Glyphs : std::uint8_t { unicode, ascii };

// One row a step and one an undo, from top to bottom, lanes indented one below the other. Control characters
// are escaped; every line ends in '\n'.
std::string picture(const Plan& plan, Glyphs glyphs = Glyphs::unicode);

// The same for steps that may have findings: whatever fits no lane is drawn with the names of those it comes
// after.
std::string picture(std::string_view workflow, std::uint32_t version, const std::vector<Step>& steps,
                    Glyphs glyphs = Glyphs::unicode);

}  // namespace amends::engine
