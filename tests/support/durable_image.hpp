// What a power cut would leave of the files: the bytes that a successful sync has covered, and no others.
//
// A sync that fails forgets what it was for, as Linux does: the pages count as clean, hold the new bytes in
// memory, and no later sync writes them. Only writing them again does.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace amends::test {

// One thread at a time.
class DurableImage {
 public:
  // What is in the file now counts as durable, unless the file is known already.
  void add_file(const std::string& path);
  void on_write(const std::string& path, std::int64_t offset, int count);
  void on_sync(const std::string& path, bool succeeded);
  // Gives every file its durable bytes.
  void cut_power() const;

 private:
  struct File {
    std::string durable;
    std::vector<std::pair<std::int64_t, int>> dirty;
  };
  std::map<std::string, File> files_;
};

}  // namespace amends::test
