#include "engine/service/store_mark.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/base/json.hpp"

namespace amends::engine {
namespace {

std::string place_of(const WriterRow& row) {
  return "flush " + std::to_string(row.commit_seq) + " of epoch " + std::to_string(row.epoch);
}

std::optional<std::uint64_t> number(const Json& row, const char* field) {
  const auto found = row.find(field);
  if (found == row.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

}  // namespace

std::string encode_mark(const StoreMark& mark) {
  Json writers = Json::array();
  for (const WriterRow& row : mark)
    writers.push_back({{"writer", row.writer}, {"epoch", row.epoch}, {"flush", row.commit_seq}});
  return canonical({{"writers", std::move(writers)}}) + "\n";
}

std::optional<StoreMark> decode_mark(std::string_view text) {
  const ParsedJson parsed = parse_json(text);
  if (!parsed.ok() || !parsed.value.is_object()) return std::nullopt;
  const auto writers = parsed.value.find("writers");
  if (writers == parsed.value.end() || !writers->is_array()) return std::nullopt;
  StoreMark out;
  for (const Json& row : *writers) {
    if (!row.is_object()) return std::nullopt;
    const auto writer = number(row, "writer"), epoch = number(row, "epoch"), flush = number(row, "flush");
    if (!writer || !epoch || !flush || *writer > std::numeric_limits<std::uint32_t>::max())
      return std::nullopt;
    out.push_back({static_cast<std::uint32_t>(*writer), *epoch, *flush});
  }
  return out;
}

std::string why_restored(const StoreMark& mark, const StoreMark& store) {
  for (const WriterRow& was : mark) {
    const auto is = std::find_if(store.begin(), store.end(),
                                 [&](const WriterRow& row) { return row.writer == was.writer; });
    const std::string writer = "writer " + std::to_string(was.writer);
    if (is == store.end()) return writer + " had come to " + place_of(was) + ", and is not in the store";
    // A flush that never was counts for nothing: a store that is new has none either.
    if (std::tie(is->epoch, is->commit_seq) < std::tie(was.epoch, was.commit_seq))
      return writer + " had come to " + place_of(was) + ", and is at " + place_of(*is);
  }
  return {};
}

}  // namespace amends::engine
