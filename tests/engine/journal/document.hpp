// docs/journal.md: every entry with an example that the encoder wrote.
#pragma once
#include <string>
#include <vector>

#include "engine/journal/entry.hpp"

namespace amends::engine {

struct DocumentedEntry {
  std::string name, meaning;
  std::vector<std::pair<std::string, std::string>> fields;  // beside "e"
  Entry example;
};

std::vector<DocumentedEntry> documented_entries();
std::string journal_document();

}  // namespace amends::engine
