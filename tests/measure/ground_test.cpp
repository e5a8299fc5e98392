#include "measure/ground.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "measure/postgres_link.hpp"

namespace amends::measure {
namespace {

TEST(Ground, ADiskThatIsShortIsSaidBeforehandByWhatTheSecondsMayTake) {
  EXPECT_EQ(find_shortage("/data", 5, 750e6), "");
  EXPECT_EQ(find_shortage("/data", 5, 749e6),
            "the disk of /data has 749 MB free, and this may take 750 MB for a while: give fewer --seconds, "
            "or make "
            "room");
}

TEST(Ground, HoweverLongItLastsItTakesNoMoreThanItsMostSagas) {
  EXPECT_EQ(find_shortage("/data", 600, 10e9), "");
}

TEST(Ground, ADiskThatCannotBeSeenFromHereIsNotInTheWay) {
  EXPECT_EQ(find_shortage("/no/such/place", 600), "");
}

TEST(Ground, TheFolderIsBesideTheStoreAndLeavesItAlone) {
  const auto dir = std::filesystem::path(testing::TempDir()) / draw_name("amends-ground-");
  std::filesystem::create_directory(dir);

  const auto ground = make_sqlite_ground(dir, 0.1);
  EXPECT_NE(ground->open(), nullptr);

  EXPECT_FALSE(std::filesystem::exists(dir / "amends.db"));
  EXPECT_TRUE(std::filesystem::exists(dir / ground->name() / "engine/amends.db"));
  EXPECT_EQ(ground->remove(), "");
  EXPECT_TRUE(std::filesystem::is_empty(dir));
  std::filesystem::remove(dir);
}

TEST(PostgresLink, AnotherDatabaseOfTheSameServerKeepsWhateverElseTheAddressSays) {
  EXPECT_EQ(with_database("postgres://ada:s%27p@/orders?host=/run/pg", "it's"),
            R"(dbname='it\'s' user='ada' password='s\'p' host='/run/pg')");
}

TEST(Quantile, IsTheValueBelowWhichThatPartLies) {
  std::vector<double> values{5, 1, 4, 2, 3};
  EXPECT_EQ(find_quantile(values, 0.5), 3);
  EXPECT_EQ(find_quantile(values, 0.99), 5);
  values.clear();
  EXPECT_EQ(find_quantile(values, 0.5), 0);
}

}  // namespace
}  // namespace amends::measure
