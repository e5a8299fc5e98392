// What was typed, checked before a daemon is asked: a slip of the finger is a usage error wherever the data
// comes from. Each throws Stop{usage}.
#pragma once
#include <string>
#include <vector>

namespace amends::cli {

void check_saga_id(const std::string& text);                   // or how one begins
void check_state(const std::string& text);                     // a saga's state; empty is any
void check_time(const char* option, const std::string& text);  // RFC 3339; empty is none
void check_wait(const std::string& text);                      // "10s", "500ms"; empty is none
void check_url(const std::string& text);

// The candidate that was probably meant: at most two letters from `text`; empty when none is near.
std::string nearest(const std::string& text, const std::vector<std::string>& candidates);

// Who gives the order: $USER, else the owner of this process by the password file, else "uid 1000".
std::string operator_name();

// "1 saga", "2 sagas".
std::string counted(std::size_t n, const std::string& one, const std::string& many);

}  // namespace amends::cli
