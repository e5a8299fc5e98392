// Preloaded into a process that stores: as long as the file named by SYNC_FAILS_WHILE is there, no sync works.
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

using Sync = int (*)(int);

int sync_or_fail(const char* name, int fd) {
  static const char* const file = std::getenv("SYNC_FAILS_WHILE");
  if (file != nullptr && access(file, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name))(fd);
}

}  // namespace

extern "C" int fsync(int fd) {
  return sync_or_fail("fsync", fd);
}

extern "C" int fdatasync(int fd) {
  return sync_or_fail("fdatasync", fd);
}
