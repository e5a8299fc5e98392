// How a command prints. Whatever comes from data is escaped: it must not steer the terminal.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/amends/context.hpp"

namespace amends::cli {

// Columns as wide as their widest cell; the last one is left ragged.
void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

// json: the whole value, indented; jsonl: `items` one a line.
void print_json(const Json& value);
void print_jsonl(const Json& items);
// One value that is no list, in either of the two.
void print_one(const Json& value, Output output);

// A member as escaped text; empty when absent. Numbers and booleans as they are.
std::string text_of(const Json& object, const char* member);

// A member that is a whole number; 0 when it is none, or so large that reckoning with it would overflow. The
// library's own conversion leaves it open what becomes of such.
std::int64_t number_of(const Json& object, const char* member);

// Colours a saga or step state by what it means; the plain name without colour.
std::string paint_state(std::string_view state, bool colour);
std::string paint(std::string_view text, const char* sgr, bool colour);

// "3 s ago", "2 h ago" of an RFC 3339 text, against now.
std::string ago(const std::string& rfc3339_text);

// Characters a terminal shows, by UTF-8 code points; good enough for what we align.
std::size_t shown_width(std::string_view text);

}  // namespace amends::cli
