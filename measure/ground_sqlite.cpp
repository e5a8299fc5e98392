// A folder beside a user's store: the same disk, another file.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "engine/base/text.hpp"
#include "measure/ground.hpp"
#include "measure/raw_sqlite.hpp"

namespace amends::measure {
namespace {

namespace fs = std::filesystem;

class SqliteGround final : public Ground {
 public:
  explicit SqliteGround(fs::path dir)
      : dir_(std::move(dir)),
        shown_(engine::escape_controls(dir_.parent_path().string())),
        name_(dir_.filename()) {}

  const std::string& shown() const override { return shown_; }
  const std::string& name() const override { return name_; }

  // What SQLite does for a commit, but for the writing: a page is appended to a file and synced.
  CommitCost measure_commit(const std::function<bool()>& stop_asked) override {
    const int file = ::open((dir_ / "sync").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) throw std::system_error(errno, std::generic_category(), "cannot write to " + shown_);
    struct Closed {
      int file;
      ~Closed() { ::close(file); }
    } const closed{file};
    const std::string page(4096, 'a');
    const double took = median_ms(
        [&] {
          if (::write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size()) ||
              ::fdatasync(file) != 0)
            throw std::system_error(errno, std::generic_category(), "cannot write to " + shown_);
        },
        stop_asked);
    return {took, took};
  }

  std::unique_ptr<engine::Store> open() override {
    fs::remove_all(dir_ / "engine");
    fs::remove_all(dir_ / "raw");
    sqlite::OpenedStore opened = sqlite::SqliteStore::open(dir_ / "engine");
    if (!opened.store) throw std::runtime_error(opened.error);
    return std::move(opened.store);
  }

  Ran write_raw(std::size_t live, const RawLimits& limits) override {
    return run_raw_sqlite(dir_ / "engine", dir_ / "raw", live, limits);
  }

  // SQLite works in this process: its CPU is the engine's.
  Counted count() override { return {}; }

  std::string remove() override {
    std::error_code failed;
    fs::remove_all(dir_, failed);
    if (!failed) return {};
    return "the folder " + engine::escape_controls(dir_.string()) + " could not be removed (" +
           failed.message() + "); remove it with: rm -r " + engine::escape_controls(dir_.string());
  }

 private:
  const fs::path dir_;
  const std::string shown_, name_;
};

}  // namespace

std::unique_ptr<Ground> make_sqlite_ground(const std::string& dir, double seconds) {
  const std::string shown = engine::escape_controls(dir);
  std::error_code failed;
  const fs::path place = fs::canonical(dir, failed);
  if (failed || !fs::is_directory(place, failed))
    throw Refused(Refused::Why::unavailable, "there is no directory " + shown);
  if (const std::string shortage = find_shortage(place, seconds); !shortage.empty())
    throw Refused(Refused::Why::unavailable, shortage);
  const fs::path own = place / draw_name("amends-bench-");
  if (!fs::create_directory(own, failed))
    throw Refused(Refused::Why::unavailable, "cannot make a folder in " + shown + ": " + failed.message());
  fs::permissions(own, fs::perms::owner_all, failed);
  return std::make_unique<SqliteGround>(own);
}

}  // namespace amends::measure
