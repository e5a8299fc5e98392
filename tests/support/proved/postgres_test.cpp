#include "tests/support/postgres.hpp"

#include <gtest/gtest.h>
#include <sys/shm.h>

#include <fstream>
#include <optional>
#include <string>

namespace amends::testing_support {
namespace {

// What postmaster.pid says: line 7, "key id".
int shared_memory_of(const PostgresServer& server) {
  std::ifstream file(std::filesystem::path(server.socket()).parent_path() / "data/postmaster.pid");
  std::string line;
  for (int number = 1; number < 7; ++number) std::getline(file, line);
  long key = 0;
  int id = -1;
  file >> key >> id;
  return id;
}

bool exists(int segment) {
  shmid_ds state{};
  return ::shmctl(segment, IPC_STAT, &state) == 0;
}

TEST(PostgresServerTest, LeavesNoSharedMemoryBehind) {
  std::optional<PostgresServer> server(std::in_place);
  const int segment = shared_memory_of(*server);
  ASSERT_TRUE(exists(segment));
  server.reset();
  EXPECT_FALSE(exists(segment));
}

TEST(PostgresServerTest, RecoversOverTheSharedMemoryOfTheKilledOne) {
  std::optional<PostgresServer> server(std::in_place);
  server->crash();
  server->start();
  const int segment = shared_memory_of(*server);
  server.reset();
  EXPECT_FALSE(exists(segment));
}

}  // namespace
}  // namespace amends::testing_support
