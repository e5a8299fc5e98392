// The child's side of faulty_run: writes one line for everything it learns.
#pragma once
#include <filesystem>

#include "engine/ports/store.hpp"
#include "tests/adapters/store/sqlite/faulty_run.hpp"

namespace amends::test {

engine::SagaId id_of_flush(int flush);
engine::Batch batch_of_flush(int flush, bool is_large);

// Returns when everything is committed. Lines: "try N", "ack N", "refused N", "doubt N", "adopt N
// landed|lost", "down", "bad SENTENCE", "end FIRED".
void write_on_faulty_disk(const std::filesystem::path& dir, const RunOptions& options, int log_fd);

}  // namespace amends::test
