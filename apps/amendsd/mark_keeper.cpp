#include "apps/amendsd/mark_keeper.hpp"

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "apps/amendsd/log.hpp"
#include "apps/amendsd/whole_file.hpp"

namespace amends::daemon {
namespace {

constexpr std::chrono::seconds pause{1};
constexpr std::size_t bytes_max = 1 << 20;

}  // namespace

MarkKeeper::MarkKeeper(std::string path, engine::Inspection& store) : path_(std::move(path)), store_(store) {}

MarkKeeper::~MarkKeeper() {
  stop();
}

std::string MarkKeeper::trouble() const {
  struct stat found {};
  if (path_.empty() || ::stat(path_.c_str(), &found) != 0) return {};
  std::ifstream file(path_, std::ios::binary);
  std::string text;
  if (S_ISREG(found.st_mode) && static_cast<std::size_t>(found.st_size) <= bytes_max)
    text.assign(std::istreambuf_iterator<char>(file), {});
  const auto mark = engine::decode_mark(text);
  if (!mark)
    return "the store's mark " + path_ +
           " cannot be read: whether the store was restored from an old backup is not known. "
           "Start with --accept-restored to have it written anew";
  std::string lost;
  try {
    lost = engine::why_restored(*mark, store_.writers());
  } catch (const engine::StoreUnavailable& trouble) {
    return "the store cannot be held against its mark " + path_ + ": " + trouble.error;
  }
  if (lost.empty()) return {};
  return "the store is older than its mark " + path_ + ": " + lost +
         ". It was restored from a backup, and what was decided since is not in it: sagas would be driven on "
         "from "
         "there. Look at docs/restore.md, and start with --accept-restored to do so";
}

void MarkKeeper::begin() {
  if (!path_.empty()) thread_ = std::thread([this] { run(); });
}

void MarkKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void MarkKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    look();
    lock.lock();
    wake_.wait_for(lock, pause, [this] { return stopping_; });
  }
  lock.unlock();
  look();
}

void MarkKeeper::look() {
  std::string trouble;
  try {
    std::string text = engine::encode_mark(store_.writers());
    if (text == written_) return;
    trouble = write_whole(path_, text);
    if (trouble.empty())
      written_ = std::move(text);
    else
      trouble = "the store's mark " + path_ + " cannot be written: " + trouble;
  } catch (const engine::StoreUnavailable&) {
    return;  // the engine says so; the mark stays where it is
  }
  if (!trouble.empty() && trouble != said_) log_line(engine::Severity::error, trouble);
  said_ = trouble;
}

}  // namespace amends::daemon
