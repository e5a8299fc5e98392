// Text that crosses a border: what may be shown on a terminal, what may be stored.
#pragma once
#include <string>
#include <string_view>

namespace amends::engine {

// Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms), without NUL.
bool is_clean_utf8(std::string_view text);

// Makes C0, C1 and DEL visible as \xNN, broken bytes and invisible marks (zero-width, directional) too, so
// that data can neither steer a terminal nor look like other data.
std::string escape_controls(std::string_view text);

// At most `bytes_max` bytes, cut between characters, with "..." in place of what was cut.
std::string shorten(std::string_view text, std::size_t bytes_max);

}  // namespace amends::engine
