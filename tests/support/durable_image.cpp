#include "tests/support/durable_image.hpp"

#include <fstream>
#include <iterator>

namespace amends::test {
namespace {

// Through a second descriptor, which would drop SQLite's locks when it is closed: fine in a process that has
// a store to itself, as a writer on a faulty disk has.
std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

void DurableImage::add_file(const std::string& path) {
  if (!files_.contains(path)) files_[path].durable = read_file(path);
}

void DurableImage::on_write(const std::string& path, std::int64_t offset, int count) {
  files_[path].dirty.emplace_back(offset, count);
}

void DurableImage::on_sync(const std::string& path, bool succeeded) {
  File& file = files_[path];
  if (succeeded) {
    const std::string now = read_file(path);
    file.durable.resize(now.size());
    for (const auto& [offset, count] : file.dirty) {
      const auto from = static_cast<std::size_t>(offset);
      if (from < now.size())
        file.durable.replace(from, static_cast<std::size_t>(count), now, from,
                             static_cast<std::size_t>(count));
    }
    file.durable.resize(now.size());
  }
  file.dirty.clear();
}

void DurableImage::cut_power() const {
  for (const auto& [path, file] : files_) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << file.durable;
  }
}

}  // namespace amends::test
