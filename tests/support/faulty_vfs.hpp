// A file layer for SQLite that fails, or stops the process, at a call of one's choice. One test at a time:
// what is armed holds for the whole process.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <string>

namespace amends::test {

enum class FileCall : std::uint8_t { write, sync, truncate };

struct FileFault {
  FileCall call = FileCall::sync;
  int nth = 0;  // the nth such call from now fails; 0: none does
  int code =
      SQLITE_IOERR_FSYNC;  // what it returns. A write has written its first half by then, a sync nothing.
  int times = 1;           // and so many such calls in a row, the nth among them
  // The process gets SIGKILL in the nth call of any kind after the fault (after arming, without one); a write
  // gets half-way. 0: never.
  int kill_at = 0;
  // Being killed takes the power too: only synced bytes stay (durable_image.hpp). Not beside another process.
  bool power_goes = false;
};

// Registers the layer under the returned name, once; it passes everything on to the system's.
std::string faulty_vfs();

void arm(const FileFault& fault);
void disarm();
bool has_fired();  // the armed fault

}  // namespace amends::test
