// PostgreSQL's own disk fills up: a file system of a few megabytes, which only root may make.
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/faults/fault_world.hpp"

namespace amends::engine {
namespace {

class SmallDisk {
 public:
  SmallDisk() {
    std::string name = std::filesystem::temp_directory_path() / "amends-small-disk-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    dir = name;
    is_mounted = ::geteuid() == 0 && ::mount("amends-test", name.c_str(), "tmpfs", 0, "size=96m") == 0;
  }
  ~SmallDisk() {
    if (is_mounted) ::umount2(dir.c_str(), MNT_DETACH);
    ::rmdir(dir.c_str());
  }

  void fill() const {
    const int fd = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string block(64 * 1024, 'x');
    while (::write(fd, block.data(), block.size()) > 0) continue;
    ::close(fd);
  }
  void clear() const { std::filesystem::remove(ballast()); }
  std::filesystem::path ballast() const { return dir / "ballast"; }

  std::filesystem::path dir;
  bool is_mounted = false;
};

TEST(DiskFull, StartsAreRefusedUntilThereIsRoomAndNothingAcknowledgedIsLost) {
  const SmallDisk disk;
  if (!disk.is_mounted) GTEST_SKIP() << "needs root, to mount a small file system";
  testing_support::PostgresOptions options;
  options.place = disk.dir;
  PostgresServer server(options);
  FaultWorld world(server);
  world.must_start("before");

  disk.fill();
  // What is allocated already takes some more.
  StartReply reply;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = "filling-" + std::to_string(i);
    reply = world.start(key);
    if (reply.status != StartStatus::created) break;
    world.acknowledged[key] = reply.saga;
  }
  EXPECT_TRUE(reply.status == StartStatus::disk_full || reply.status == StartStatus::unavailable);
  EXPECT_NE(reply.sentence, "");
  EXPECT_FALSE(world.engine->ready());
  disk.clear();
  // PostgreSQL may end where it can no longer write its log, now or in a moment; its supervisor starts it again.
  for (int tries = 0; !world.engine->ready() && tries < 2'000; ++tries) {
    if (server.has_ended()) server.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  world.start_until_taken("after");
  world.expect_nothing_lost_or_doubled();
}

}  // namespace
}  // namespace amends::engine
