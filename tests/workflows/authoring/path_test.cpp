// Paths and HTTP requests.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <amends/http.hpp>

namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
    } else {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

TEST(Path, KeepsAnyArgumentWithinItsSegment) {
  EXPECT_TRUE(rc::check([] {
    const auto bytes = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::uint8_t>>());
    const std::string argument(bytes.begin(), bytes.end());
    RC_PRE(argument != "." && argument != "..");

    const std::string text = amends::path("/a/{}/b", argument).text();

    const std::string segment = text.substr(3, text.size() - 5);
    RC_ASSERT(
        segment.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%") ==
        std::string::npos);
    RC_ASSERT(decoded(segment) == argument);
  }));
}

TEST(Path, EncodesAllButTheUnreservedCharacters) {
  EXPECT_EQ(amends::path("/{}/x-{}", "A z/9?#%&-._~", 7).text(), "/A%20z%2F9%3F%23%25%26-._~/x-7");
  EXPECT_EQ(amends::path("/{}", "\xc3\xa9").text(), "/%C3%A9");
  EXPECT_EQ(amends::path("/{}", -1).text(), "/-1");
  EXPECT_EQ(amends::path("/").text(), "/");
}

TEST(Path, RefusesArgumentsThatVanishOrClimb) {
  for (const char* argument : {"", ".", ".."})
    EXPECT_THROW(amends::path("/a/{}", argument), std::invalid_argument);
}

TEST(Http, PutsARequestIntoItsCanonicalForm) {
  const auto text = [](const amends::Request& request) { return request.adapter + request.body.dump(); };

  EXPECT_EQ(text(amends::http::get("e", "/a")), R"(http{"method":"GET","path":"/a"})");
  EXPECT_EQ(text(amends::http::remove("e", amends::path("/{}", 1))),
            R"(http{"method":"DELETE","path":"/1"})");
  EXPECT_EQ(text(amends::http::post("e", "/a", {{"b", 1}}, {{"X-Y", "z"}})),
            R"(http{"body":{"b":1},"headers":{"X-Y":"z"},"method":"POST","path":"/a"})");
  EXPECT_EQ(text(amends::http::put("e", "/a", nullptr)), R"(http{"body":null,"method":"PUT","path":"/a"})");
  EXPECT_EQ(text(amends::http::patch("e", "/a", 1)), R"(http{"body":1,"method":"PATCH","path":"/a"})");
  EXPECT_EQ(amends::http::get("e", "/a").endpoint, "e");
}

}  // namespace
