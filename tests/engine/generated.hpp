// A document that a test generates, and holds against the file in docs/.
#pragma once
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace amends::engine {

// The text of docs/`name`; with AMENDS_WRITE_DOCS set, `text` is written there first.
inline std::string generated(const std::string& name, const std::string& text) {
  const std::string path = std::string(AMENDS_DOCS) + "/" + name;
  if (std::getenv("AMENDS_WRITE_DOCS") != nullptr) std::ofstream(path) << text;
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace amends::engine
