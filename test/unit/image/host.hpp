// What a test needs of the host: a scratch folder, commands, files, and where the source tree is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace skerry::test {

class ScratchFolder {
  public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "skerry-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        folder_ = pattern;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
    }

  private:
    std::filesystem::path folder_;
};

inline int run(const std::string& command) {
    return std::system(command.c_str());
}

inline std::vector<std::byte> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

// The ELF machine number of the host: that of the test program itself.
inline uint16_t host_machine() {
    std::ifstream self("/proc/self/exe", std::ios::binary);
    unsigned char head[20] = {};
    self.read(reinterpret_cast<char*>(head), sizeof(head));
    return static_cast<uint16_t>(head[18] | head[19] << 8);
}

// The first folder above the test program, or above the working folder, that has this file; empty if none.
inline std::string source_file(const std::string& name) {
    namespace fs = std::filesystem;
    for (fs::path from : {fs::read_symlink("/proc/self/exe"), fs::current_path() / "x"}) {
        while (from.has_relative_path()) {
            from = from.parent_path();
            if (fs::exists(from / name)) return (from / name).string();
        }
    }
    return {};
}

}  // namespace skerry::test
