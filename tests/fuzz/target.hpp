// What a fuzz target is: one function over hostile bytes, and promises that must hold for all of them.
//
//   AMENDS_FUZZ_TARGET(json) {                       // in namespace amends::fuzz
//     const engine::ParsedJson parsed = engine::parse_json(input);
//     AMENDS_HOLDS(parsed.ok() || parsed.value.is_null(), "a refused text gives no value");
//   }
//
// libFuzzer runs each target as a program of its own; the driver replay.cpp runs all of them, by name, over
// files.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace amends::fuzz {

// Prints the sentence and aborts, which is what libFuzzer and the driver call a crash.
[[noreturn]] void broken(const char* file, int line, std::string_view sentence);

// What people may be shown: clean UTF-8 without control characters, at most `bytes_max` bytes.
bool is_sentence(std::string_view text, std::size_t bytes_max);

using Run = void (*)(std::string_view input);

struct Registration {
  Registration(const char* name, Run run);
};

}  // namespace amends::fuzz

#define AMENDS_HOLDS(condition, sentence) \
  ((condition) ? void(0) : ::amends::fuzz::broken(__FILE__, __LINE__, (sentence)))

#ifdef AMENDS_FUZZ
#define AMENDS_FUZZ_TARGET(name)                                                      \
  static void fuzz_##name(std::string_view input);                                    \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_##name(std::string_view(reinterpret_cast<const char*>(data), size));         \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz_##name(std::string_view input)
#else
#define AMENDS_FUZZ_TARGET(name)                                                     \
  static void fuzz_##name(std::string_view input);                                   \
  static const ::amends::fuzz::Registration registration_##name(#name, fuzz_##name); \
  static void fuzz_##name(std::string_view input)
#endif
