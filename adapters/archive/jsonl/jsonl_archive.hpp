// Finished sagas as JSON lines, one file a day: docs/retention.md shows a line.
#pragma once
#include <filesystem>
#include <string>

#include "engine/ports/archive.hpp"

namespace amends::archive {

// One thread. Several engines may write into one directory: each append holds a lock on its file.
class JsonlArchive final : public engine::Archive {
 public:
  explicit JsonlArchive(std::filesystem::path dir) : dir_(std::move(dir)) {}

  // Makes the directory (0700) if it is missing, and tries to write there. Returns what is wrong, as a
  // sentence.
  std::string prepare() const;

  // Appends to YYYY-MM-DD.jsonl (UTC, 0600) and syncs. What could not be written whole is cut off again.
  std::string append(const std::vector<engine::EndedSaga>& sagas, engine::WallTime now) override;

 private:
  const std::filesystem::path dir_;
};

// One saga as its line, with the line end.
std::string line_of(const engine::EndedSaga& saga);

}  // namespace amends::archive
