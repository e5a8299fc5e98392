// The words around a saga's picture: what it is above, why it stands where it does and what may be done
// below.
#pragma once
#include <optional>
#include <string>

#include "apps/amends/picture.hpp"

namespace amends::cli {

std::string picture_heading(const Json& saga, const Drawing& drawing);
std::string picture_footer(const Json& saga, const Drawing& drawing);

// "resolved by ada: phoned dhl".
std::string act_text(const Json& act);
// "answered 422 (http_422)" of {class, message}; a longer message is cut between words.
std::string error_text(const Json& error, std::size_t bytes_max);

bool is_over(const Json& saga);
// The saga's end, or now.
engine::WallTime end_of(const Json& saga, const Drawing& drawing);
std::optional<engine::WallTime> time_of(const Json& object, const char* member);

// "13.2 ms", "4.10 s", "12.0 min"; "58 min", "30 s" without fractions.
std::string lasted(engine::Micros span);
std::string roughly(engine::Micros span);

}  // namespace amends::cli
