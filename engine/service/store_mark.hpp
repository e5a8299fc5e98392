// How far a store had come, kept outside of it: a store that was restored from an old backup is behind its
// mark.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/inspection.hpp"

namespace amends::engine {

using StoreMark = std::vector<WriterRow>;  // of all writers

std::string encode_mark(const StoreMark& mark);
// Nothing when it is not a mark.
std::optional<StoreMark> decode_mark(std::string_view text);

// What the store has lost, as one sentence; empty when it is where the mark says, or further.
std::string why_restored(const StoreMark& mark, const StoreMark& store);

}  // namespace amends::engine
