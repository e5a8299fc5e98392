#include "adapters/store/sqlite/settle_log.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "adapters/store/sqlite/connection.hpp"

namespace amends::sqlite {
namespace {

// SQLite never writes more than a page at once, and its Unix layer keeps only the low 17 bits of a length.
constexpr sqlite3_int64 piece_bytes = 1 << 16;

// A file through SQLite's own layer.
class LogFile {
 public:
  LogFile(sqlite3_vfs* layer, const std::string& name) : memory_(static_cast<std::size_t>(layer->szOsFile)) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL;
    check(layer->xOpen(layer, name.c_str(), file(), flags, &flags));
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() { file()->pMethods->xClose(file()); }

  void write_again() {
    sqlite3_int64 bytes = 0;
    check(file()->pMethods->xFileSize(file(), &bytes));
    std::vector<char> piece(static_cast<std::size_t>(std::min(piece_bytes, bytes)));
    for (sqlite3_int64 at = 0; at < bytes; at += piece_bytes) {
      const int count = static_cast<int>(std::min(piece_bytes, bytes - at));
      check(file()->pMethods->xRead(file(), piece.data(), count, at));
      check(file()->pMethods->xWrite(file(), piece.data(), count, at));
    }
    if (bytes > 0) check(file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL));
  }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
  static void check(int code) {
    if (code != SQLITE_OK) throw SqliteError{code, std::string("the log: ") + sqlite3_errstr(code)};
  }

  std::vector<std::max_align_t> memory_;
};

}  // namespace

void settle_log(const std::string& database, const std::string& vfs) {
  sqlite3_initialize();
  sqlite3_vfs* layer = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  if (layer == nullptr) throw SqliteError{SQLITE_ERROR, "no such file layer: " + vfs};
  const std::string log = database + "-wal";
  int is_there = 0;
  layer->xAccess(layer, log.c_str(), SQLITE_ACCESS_EXISTS, &is_there);
  if (is_there != 0) LogFile(layer, log).write_again();
}

}  // namespace amends::sqlite
