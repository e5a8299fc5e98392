// A page of metrics as Prometheus reads it.
#pragma once
#include <cstdio>
#include <string>
#include <string_view>

#include "engine/ports/observer.hpp"

namespace amends::rest {

// The Prometheus text exposition format, version 0.0.4.
class Page {
 public:
  void head(const char* name, const char* type, const char* help) {
    out_ += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void line(const std::string& name, const std::string& labels, std::uint64_t value) {
    out_ += name + (labels.empty() ? "" : "{" + labels + "}") + " " + std::to_string(value) + "\n";
  }
  void line(const std::string& name, const std::string& labels, double value) {
    char text[48];
    std::snprintf(text, sizeof text, " %.9g\n", value);
    out_ += name + (labels.empty() ? "" : "{" + labels + "}") + text;
  }
  void single(const char* name, const char* type, const char* help, const engine::Counter& value) {
    head(name, type, help);
    line(name, "", value.load(std::memory_order_relaxed));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

inline std::string label(const char* name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + "\"";
}

}  // namespace amends::rest
