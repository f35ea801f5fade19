// Runs a fuzz harness once over every file of the given folders, as libFuzzer would, for compilers
// and builds without it. A harness fails by aborting; a folder without any file is a failure too.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // An allocation of exactly the input's size, so that a sanitizer sees the first byte past it.
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  std::cerr << path.string() << '\n';  // the last line before an abort names the culprit
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

int replay_folder(const char* folder) {
  const auto files = list_files(folder);
  for (const auto& file : files) replay(file);
  std::cout << folder << ": " << files.size() << " inputs replayed\n";
  return files.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: " << argv[0] << " FOLDER…\n";
    return 2;
  }
  try {
    int status = 0;
    for (int i = 1; i < argc; ++i) status |= replay_folder(argv[i]);
    return status;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 1;
  }
}
