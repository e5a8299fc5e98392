#include "tests/engine/lifecycle/document.hpp"

#include <gtest/gtest.h>

#include "engine/lifecycle/decide.hpp"
#include "tests/engine/generated.hpp"

namespace amends::engine {
namespace {

TEST(LifecycleDocument, is_what_the_tables_say) {
  EXPECT_EQ(generated("lifecycle.md", lifecycle_document()), lifecycle_document())
      << "stale: build the target generate_docs";
}

TEST(LifecycleDocument, explains_everything_that_happens) {
  const std::string document = lifecycle_document();

  for (const Transition& row : Lifecycle::transitions())
    EXPECT_NE(document.find("\n| " + std::string(row.event) + " | "), std::string::npos) << row.event;
}

}  // namespace
}  // namespace amends::engine
