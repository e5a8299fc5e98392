// One saga drawn for a terminal: its steps and undos in their lanes, what each came to, and when.
#pragma once
#include <string>

#include "apps/amends/context.hpp"
#include "engine/base/time.hpp"

namespace amends::cli {

struct Drawing {
  bool colour = false;
  bool ascii = false;
  std::size_t bar_width = 28;  // columns of the time line
  engine::WallTime now{};      // what is still open lasts until now
};

// `saga` is engine::saga_view's JSON. Every line ends in '\n'; whatever comes from data is escaped.
std::string saga_picture(const Json& saga, const Drawing& drawing);

}  // namespace amends::cli
