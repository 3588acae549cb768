// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without a fuzzer: every seed as it is, then fixed mutations of it. The same on
// every machine; an input that kills the target is kept in smoke-failure.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr uint32_t kMutationsPerSeed = 100;
constexpr size_t kInputBytesMax = 4'096;
constexpr char kFailurePath[] = "smoke-failure";

// What runs now, for keep_input().
const std::string* g_input = nullptr;

// Writes the input that did it. An abort comes from the running input itself, so that here more is
// safe than in a signal handler at large.
void keep_input(int signal) {
  if (std::FILE* file = std::fopen(kFailurePath, "wb"); file != nullptr && g_input != nullptr) {
    std::fwrite(g_input->data(), 1, g_input->size(), file);
    std::fclose(file);
    std::fprintf(stderr, "The input is kept in %s.\n", kFailurePath);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  g_input = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  g_input = nullptr;
}

// Knuth's MMIX linear congruential generator, high bits only.
class Draw {
 public:
  size_t below(size_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state_ >> 33) % limit;
  }

 private:
  uint64_t state_ = 1;
};

// Changes `input` in one to four places; `others` are spliced in.
void mutate(const std::vector<std::string>& others, Draw* draw, std::string* input) {
  for (size_t i = 0, count = 1 + draw->below(4); i < count; ++i) {
    const size_t place = draw->below(input->size() + 1);
    const size_t size = 1 + draw->below(8);
    switch (draw->below(5)) {
      case 0:
        if (place < input->size()) (*input)[place] ^= static_cast<char>(1u << draw->below(8));
        break;
      case 1:
        input->insert(place, size, static_cast<char>(draw->below(256)));
        break;
      case 2:
        input->erase(place, size);
        break;
      case 3:
        input->insert(place, input->substr(draw->below(input->size() + 1), 4 * size));
        break;
      default:
        const std::string& other = others[draw->below(others.size())];
        input->replace(place, std::string::npos, other, draw->below(other.size() + 1));
        break;
    }
  }
  if (input->size() > kInputBytesMax) input->resize(kInputBytesMax);
}

std::vector<std::string> read_seeds(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_regular_file(path)) {
    files.push_back(path);
  } else {
    for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry);
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const std::filesystem::path& name : files) {
    std::ifstream file(name, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

int run_all(const std::string& path) {
  const std::vector<std::string> seeds = read_seeds(path);
  if (seeds.empty()) {
    std::fprintf(stderr, "%s holds no seeds.\n", path.c_str());
    return EXIT_FAILURE;
  }
  run("");
  for (const std::string& seed : seeds) run(seed);
  Draw draw;
  for (const std::string& seed : seeds) {
    for (uint32_t i = 0; i < kMutationsPerSeed; ++i) {
      std::string input = seed;
      mutate(seeds, &draw, &input);
      run(input);
    }
  }
  std::printf("%zu seeds, %zu mutations.\n", seeds.size(), seeds.size() * kMutationsPerSeed);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "Usage: %s FOLDER-OF-SEEDS | INPUT\n", argv[0]);
    return 2;
  }
  std::signal(SIGABRT, keep_input);
  try {
    return run_all(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
  }
}
