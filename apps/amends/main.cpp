// amends, the command line. Names the stores that --store can read, and leaves the rest to the commands.
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "apps/amends/cli.hpp"

int main(int argc, char** argv) {
  using namespace amends;
  cli::Context context;
  context.open_store = [](const std::string& dir) -> std::unique_ptr<engine::StoreReader> {
    sqlite::OpenedStore opened = sqlite::SqliteStore::open(dir, {.read_only = true});
    if (!opened.store) throw cli::Stop{cli::Exit::unavailable, opened.error};
    return std::move(opened.store);
  };
  return cli::run(argc, argv, std::move(context));
}
