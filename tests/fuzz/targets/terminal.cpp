// What a daemon, or something in its place, answers the command line: it is drawn without steering the
// terminal.
#include "apps/amends/journal_text.hpp"
#include "apps/amends/picture.hpp"
#include "engine/base/text.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

void hold_lines(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  AMENDS_HOLDS(is_sentence(text, text.size()), "what is drawn holds no control character but the line's end");
}

void hold_saga(const cli::Json& saga, bool ascii) {
  // A daemon of another kind is told of in one place, where these are caught.
  try {
    hold_lines(cli::saga_picture(saga, {.colour = false,
                                        .ascii = ascii,
                                        .bar_width = 28,
                                        .now = engine::from_micros(1'764'000'000'000'000)}));
  } catch (const cli::Json::exception&) {
  }
}

void hold_entry(const cli::Json& entry) {
  try {
    const std::string sentence = cli::entry_sentence(entry);
    AMENDS_HOLDS(is_sentence(sentence, sentence.size()), "an entry is one line");
    const std::string step = cli::entry_step(entry);
    AMENDS_HOLDS(is_sentence(step, step.size()), "and so is its step");
  } catch (const cli::Json::exception&) {
  }
}

}  // namespace

AMENDS_FUZZ_TARGET(terminal) {
  Bytes bytes(input);
  const bool ascii = bytes.flag();
  const cli::Json value = cli::Json::parse(bytes.rest(), nullptr, false);
  if (!value.is_object()) return;
  hold_saga(value, ascii);
  hold_entry(value);
}

}  // namespace amends::fuzz
