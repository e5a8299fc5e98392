// Makes the write-ahead log that a crash or a failed sync left behind truly durable, before it is replayed.
#pragma once
#include <string>

namespace amends::sqlite {

// A sync that failed once may report success the next time without having written: the pages count as clean,
// and hold bytes that only memory has. SQLite would replay them, copy them into the main file and rely on
// them; after a power cut the log is then shorter than what was copied, and its older pages tear the newer
// ones. Writing the same bytes again makes them dirty, and the sync mean something. Nothing to do when there
// is no log. Throws SqliteError.
//
// Only the writer may call this, before it opens its connection. Readers are not disturbed.
void settle_log(const std::string& database, const std::string& vfs);

}  // namespace amends::sqlite
