#include "tests/support/faulty_vfs.hpp"

#include <signal.h>
#include <unistd.h>

#include <mutex>
#include <new>

#include "tests/support/durable_image.hpp"

namespace amends::test {
namespace {

enum class Verdict : std::uint8_t { pass, fail, kill };

std::mutex mutex;
FileFault armed;
bool fired = false;
int calls_until_fault = 0, calls_until_kill = 0;
DurableImage image;

Verdict judge(FileCall call) {
  std::lock_guard lock(mutex);
  const bool is_past_fault = armed.nth == 0 || fired;
  if (is_past_fault && armed.kill_at != 0 && ++calls_until_kill == armed.kill_at) return Verdict::kill;
  if (armed.nth == 0 || call != armed.call) return Verdict::pass;
  ++calls_until_fault;
  const bool fails = calls_until_fault >= armed.nth && calls_until_fault - armed.nth < armed.times;
  if (!fails) return Verdict::pass;
  fired = true;
  return Verdict::fail;
}

[[noreturn]] void die() {
  if (armed.power_goes) image.cut_power();
  ::kill(::getpid(), SIGKILL);
  ::_exit(1);
}

// SQLite allocates the file object by the layer's szOsFile: ours first, the system's behind it.
struct File {
  sqlite3_file base;
  sqlite3_file* real;
  const char* name;  // SQLite keeps it as long as the file is open
};

void note_write(sqlite3_file* file, sqlite3_int64 offset, int count) {
  if (armed.power_goes) image.on_write(reinterpret_cast<File*>(file)->name, offset, count);
}
void note_sync(sqlite3_file* file, bool succeeded) {
  if (armed.power_goes) image.on_sync(reinterpret_cast<File*>(file)->name, succeeded);
}

sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->real;
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  sqlite3_file* real = real_of(file);
  const Verdict verdict = judge(FileCall::write);
  const int written = verdict == Verdict::pass ? count : count / 2;
  note_write(file, offset, written);
  const int code = real->pMethods->xWrite(real, bytes, written, offset);
  if (verdict == Verdict::kill) die();
  return verdict == Verdict::fail ? armed.code : code;
}

int sync(sqlite3_file* file, int flags) {
  sqlite3_file* real = real_of(file);
  int code = armed.code;
  switch (judge(FileCall::sync)) {
    case Verdict::pass: code = real->pMethods->xSync(real, flags); break;
    case Verdict::kill: die();
    case Verdict::fail: break;
  }
  note_sync(file, code == SQLITE_OK);
  return code;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  sqlite3_file* real = real_of(file);
  switch (judge(FileCall::truncate)) {
    case Verdict::pass: return real->pMethods->xTruncate(real, size);
    case Verdict::kill: die();
    case Verdict::fail: break;
  }
  return armed.code;
}

// The same call on the real file.
template <auto method>
struct Forward;
template <typename... Args, int (*sqlite3_io_methods::*method)(sqlite3_file*, Args...)>
struct Forward<method> {
  static int call(sqlite3_file* file, Args... args) {
    sqlite3_file* real = real_of(file);
    return (real->pMethods->*method)(real, args...);
  }
};

void shm_barrier(sqlite3_file* file) {
  sqlite3_file* real = real_of(file);
  real->pMethods->xShmBarrier(real);
}

using Io = sqlite3_io_methods;
const sqlite3_io_methods methods = {
    2,  // without memory-mapped reads
    Forward<&Io::xClose>::call,
    Forward<&Io::xRead>::call,
    write,
    truncate,
    sync,
    Forward<&Io::xFileSize>::call,
    Forward<&Io::xLock>::call,
    Forward<&Io::xUnlock>::call,
    Forward<&Io::xCheckReservedLock>::call,
    Forward<&Io::xFileControl>::call,
    Forward<&Io::xSectorSize>::call,
    Forward<&Io::xDeviceCharacteristics>::call,
    Forward<&Io::xShmMap>::call,
    Forward<&Io::xShmLock>::call,
    shm_barrier,
    Forward<&Io::xShmUnmap>::call,
    nullptr,
    nullptr,
};

sqlite3_vfs layer;

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* system = static_cast<sqlite3_vfs*>(layer.pAppData);
  auto* ours = new (file) File{};
  ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
  const int code = system->xOpen(system, name, ours->real, flags, out_flags);
  // SQLite calls xClose only when this is set.
  ours->name = name;
  if (code == SQLITE_OK && armed.power_goes && name != nullptr) image.add_file(name);
  ours->base.pMethods = code == SQLITE_OK ? &methods : nullptr;
  return code;
}

}  // namespace

std::string faulty_vfs() {
  static const bool is_registered = [] {
    sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
    layer = *system;
    layer.zName = "faulty";
    layer.pAppData = system;
    layer.szOsFile = static_cast<int>(sizeof(File)) + system->szOsFile;
    layer.xOpen = open_file;
    // The rest of the table is the system's own functions, which look at nothing but pAppData: give them
    // theirs.
    layer.xDelete = [](sqlite3_vfs*, const char* name, int sync_dir) {
      auto* real = static_cast<sqlite3_vfs*>(layer.pAppData);
      return real->xDelete(real, name, sync_dir);
    };
    layer.xAccess = [](sqlite3_vfs*, const char* name, int flags, int* out) {
      auto* real = static_cast<sqlite3_vfs*>(layer.pAppData);
      return real->xAccess(real, name, flags, out);
    };
    layer.xFullPathname = [](sqlite3_vfs*, const char* name, int count, char* out) {
      auto* real = static_cast<sqlite3_vfs*>(layer.pAppData);
      return real->xFullPathname(real, name, count, out);
    };
    return sqlite3_vfs_register(&layer, 0) == SQLITE_OK;
  }();
  return is_registered ? layer.zName : "";
}

void arm(const FileFault& fault) {
  std::lock_guard lock(mutex);
  armed = fault;
  fired = false;
  calls_until_fault = calls_until_kill = 0;
}

void disarm() {
  arm({});
}

bool has_fired() {
  std::lock_guard lock(mutex);
  return fired;
}

}  // namespace amends::test
