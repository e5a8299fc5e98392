// What `amends verify` found, as lines and as JSON. Whatever comes from the store is escaped in lines.
#pragma once
#include <string>

#include "engine/base/json.hpp"
#include "engine/verify/repair.hpp"

namespace amends::cli {

std::string finding_text(const engine::Finding& finding);      // one line
engine::Json finding_json(const engine::Finding& finding);     // kind, saga, row, sentence
std::string repair_text(const engine::Repair& repair);         // lines, each with its end
engine::Json repair_json(const engine::Repair& repair);        // repair (the saga's id), changes
std::string totals_text(const engine::VerifyTotals& totals);   // "2 sagas, 9 entries, no finding"
engine::Json totals_json(const engine::VerifyTotals& totals);  // what docs/cli.md lists

}  // namespace amends::cli
