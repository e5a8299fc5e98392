// A small file that whoever reads it sees whole, also after a power cut.
#pragma once
#include <string>

namespace amends::daemon {

// By way of `path`.new. Empty when it was written; else the system's own words.
std::string write_whole(const std::string& path, const std::string& text);

}  // namespace amends::daemon
