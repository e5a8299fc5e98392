// Where a PostgreSQL store is: a libpq URL or a list of keyword=value, with what this adapter adds to it.
#pragma once
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace amends::postgres {

struct Address {
  std::string conninfo;  // for libpq; may hold a password: never shown
  std::string shown;     // "amends@/run/postgresql:5432/orders", for people
  std::string error;     // a sentence when the URL cannot be read; the rest is empty then
};

// Whether it begins as one; the rest may still be wrong.
bool is_url(std::string_view text);

// Adds bounds on waiting for a dead network, where the URL does not say otherwise; what was sent is given up
// before the lease ends.
Address read_address(const std::string& url, engine::Millis lease = std::chrono::seconds(5));

// One sentence when whoever sits between us and the server could read along or pose as it: over a network,
// anything but sslmode=verify-full. Empty for a unix socket, this machine, and a URL that cannot be read.
std::string find_tls_weakness(const std::string& url);

}  // namespace amends::postgres
