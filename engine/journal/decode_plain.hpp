// The two ways from a row's text to its entries; decode_row takes the short one where it can.
#pragma once
#include <optional>
#include <string_view>

#include "engine/journal/entry.hpp"

namespace amends::engine {

// The entries of a row that is written as encode_row writes it, all of it plain text; nothing for any other
// row, good or bad.
std::optional<Entries> decode_plain(std::string_view body);
// Any row, by way of a document.
DecodedRow decode_by_document(std::string_view body);

}  // namespace amends::engine
