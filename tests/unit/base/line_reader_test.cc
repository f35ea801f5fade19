#include "common/base/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <vector>

#include <catch2/catch.hpp>

#include "common/base/error.h"
#include "common/base/file.h"
#include "tests/support/temporary_folder.h"

using namespace mirrorway;
using base::LineReader;

namespace {

struct Pipe {
  base::Fd read;
  base::Fd write;

  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    read = base::Fd(ends[0]);
    write = base::Fd(ends[1]);
  }
};

std::vector<std::string> lines_of(std::string_view text, std::size_t max_line_bytes = 100) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "text";
  base::publish_file(path, text);
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  LineReader reader(fd, "text", max_line_bytes);
  std::vector<std::string> lines;
  while (const auto line = reader.next()) lines.emplace_back(*line);
  CHECK(reader.number() == lines.size());
  CHECK(reader.was_cut() == (!text.empty() && text.back() != '\n'));
  CHECK_FALSE(reader.next());
  return lines;
}

}  // namespace

TEST_CASE("lines come one by one, with or without an end") {
  using Lines = std::vector<std::string>;
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\n") == Lines{"a"});
  CHECK(lines_of("a") == Lines{"a"});
  CHECK(lines_of("\n\nb\r\n") == Lines{"", "", "b\r"});
  CHECK(lines_of(std::string(100, 'x') + "\ny") == Lines{std::string(100, 'x'), "y"});
}

TEST_CASE("lines are the same wherever a read ends") {
  std::string text;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 100'000; ++i) {
    expected.push_back(std::to_string(i * i));
    text += expected.back() + "\n";
  }
  CHECK((lines_of(text) == expected));
}

TEST_CASE("a longer line is refused by its number, ended or not") {
  CHECK_THROWS_WITH(lines_of("a\n" + std::string(101, 'x') + "\n"),
                    Catch::Contains("text:2: a line of more than 100 bytes"));
  CHECK_THROWS_WITH(lines_of(std::string(1'000'000, 'x')), Catch::Contains("text:1"));
}

TEST_CASE("whoever is silent too long is given up") {
  const Pipe pipe;
  LineReader reader(pipe.read, "child", 100, std::chrono::milliseconds(20));
  REQUIRE(::write(pipe.write.get(), "a\nb", 3) == 3);
  CHECK(*reader.next() == "a");
  CHECK_THROWS_WITH(reader.next(), Catch::Contains("child: silent for"));
}
