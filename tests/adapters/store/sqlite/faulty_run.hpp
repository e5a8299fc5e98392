// A writing process on a faulty disk, what it was told about each of its flushes, and whether that is what
// the store holds afterwards.
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "tests/support/faulty_vfs.hpp"

namespace amends::test {

// What the writer knows of a flush when it ends. Flushes are numbered from 1, a repeated one anew.
enum class Fate : std::uint8_t { acknowledged, refused, lost, landed, in_doubt };

struct Account {
  std::map<int, Fate> flushes;
  bool is_whole = false;   // it came to its end; false: killed
  bool has_fired = false;  // the fault was met; only told when it came to its end
  int take_overs_failed = 0;
  std::string complaint;  // what the writer itself saw that must not be
};

struct RunOptions {
  FileFault fault;
  bool is_large = false;    // flushes of 5 MB, which make SQLite checkpoint and start its log anew
  bool has_reader = false;  // another process holds a read transaction all the while
  int flushes = 4;
};

// Makes a store in `dir` with flush 1 in it, then starts the writer as a child process, which opens it, takes
// over and commits until `flushes` are durable; every flush in doubt is settled by take_over(), every failed
// take_over() is repeated.
Account run_writer(const std::filesystem::path& dir, const RunOptions& options);

struct Finding {
  std::string
      wrong;  // one sentence; empty when a fresh reader and the next writer find what the account says
  int came_back = 0;  // flushes that a crash had left in doubt and that are there
};

// Reads the store as a fresh reader, then as the next writer, then lets SQLite check the file.
Finding compare(const std::filesystem::path& dir, const Account& account);

}  // namespace amends::test
