// Makes a failing run smaller: fewer sagas, fewer kinds of fault, less time, for as long as it fails alike.
#pragma once
#include <string>

#include "tests/simulation/base/options.hpp"

namespace amends::simulation {

struct Shrunk {
  Options options;
  std::string sentence;  // how it fails
  std::string changes;   // what it has other than its seed means, for change()
  int tried = 0;
};

// `failing` fails with `sentence`. Tries for at most so many seconds.
Shrunk shrink(const Options& failing, const std::string& sentence, double seconds);

}  // namespace amends::simulation
