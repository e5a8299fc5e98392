#include "tests/engine/journal/document.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/base/json.hpp"
#include "tests/engine/generated.hpp"

namespace amends::engine {
namespace {

TEST(JournalDocument, is_what_the_encoder_writes) {
  EXPECT_EQ(generated("journal.md", journal_document()), journal_document())
      << "stale: build the target generate_docs";
}

TEST(JournalDocument, names_every_kind_of_entry_and_its_examples_read_back) {
  std::set<std::size_t> kinds;
  for (const DocumentedEntry& entry : documented_entries()) {
    kinds.insert(entry.example.index());
    const DecodedRow row = decode_row(encode_row({entry.example}));

    ASSERT_EQ(row.error, "");
    EXPECT_EQ(row.entries, Entries{entry.example}) << entry.name;
  }

  EXPECT_EQ(kinds.size(), std::variant_size_v<Entry>);
}

TEST(JournalDocument, explains_every_field_that_an_example_holds) {
  for (const DocumentedEntry& entry : documented_entries()) {
    const ParsedJson row = parse_json(encode_row({entry.example}));
    ASSERT_TRUE(row.ok());

    for (const auto& [field, value] : row.value[0].items()) {
      const auto known = [&](const auto& one) { return one.first == field; };
      EXPECT_TRUE(field == "e" || std::any_of(entry.fields.begin(), entry.fields.end(), known))
          << entry.name << ": " << field;
    }
  }
}

}  // namespace
}  // namespace amends::engine
