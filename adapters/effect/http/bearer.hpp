// A credential by reference, so that neither the configuration nor the journal holds it. One thread.
#pragma once
#include <optional>
#include <string>

#include "engine/base/time.hpp"

namespace amends::http {

class Bearer {
 public:
  // "env:NAME" or "file:/path"; empty means that there is none.
  explicit Bearer(std::string reference) : reference_(std::move(reference)) {}

  bool configured() const { return !reference_.empty(); }
  // Read again after a second, so that a rotated file is seen without a restart. Nothing when the reference
  // names nothing usable: missing, no regular file, empty, more than 8 KiB, or with bytes that a header cannot
  // hold.
  const std::optional<std::string>& find(engine::Elapsed now);

 private:
  std::string reference_;
  std::optional<std::string> value_;
  std::optional<engine::Elapsed> read_at_;
};

}  // namespace amends::http
