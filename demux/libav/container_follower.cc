#include "demux/libav/container_follower.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace mayfly {
namespace {

constexpr int64_t kAtOnce = int64_t{64} << 10;

Bytes bytes_at(std::ifstream& file, int64_t position, int64_t count) {
  std::string text(static_cast<size_t>(count), '\0');
  file.clear();
  file.seekg(position);
  file.read(text.data(), count);
  text.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

}  // namespace

std::unique_ptr<ContainerFollower> ContainerFollower::open(const std::string& path,
                                                           const AVFormatContext& context) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return nullptr;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return nullptr;
  std::vector<uint16_t> pids;
  for (unsigned index = 0; index < context.nb_streams; ++index) {
    if (context.streams[index]->discard == AVDISCARD_ALL) continue;
    pids.push_back(static_cast<uint16_t>(context.streams[index]->id));
  }
  const Bytes beginning = bytes_at(file, 0, std::min<int64_t>(kAtOnce, static_cast<int64_t>(size)));
  auto watch = container_watch(context.iformat->name, beginning, pids);
  if (watch == nullptr) return nullptr;
  return std::unique_ptr<ContainerFollower>(
      new ContainerFollower(std::move(file), static_cast<int64_t>(size), std::move(watch)));
}

std::optional<std::string_view> ContainerFollower::follow(int64_t position) {
  position = std::min(position, size_);
  if (position < 0) return std::nullopt;
  if (std::exchange(jumped_, false)) at_ = position;
  std::optional<std::string_view> wrong;
  while (at_ < position) {
    const uint64_t left = static_cast<uint64_t>(position - at_);
    if (const uint64_t skipped = std::min(watch_->skippable(), left); skipped > 0) {
      watch_->skip(skipped);
      at_ += static_cast<int64_t>(skipped);
      continue;
    }
    const Bytes bytes = bytes_at(file_, at_, std::min(kAtOnce, position - at_));
    if (bytes.empty()) break;  // it has shrunk; libavformat will notice
    at_ += static_cast<int64_t>(bytes.size());
    if (const auto found = watch_->read(bytes); found && !wrong) wrong = found;
  }
  return wrong;
}

std::optional<std::string_view> ContainerFollower::finish() {
  if (jumped_) return std::nullopt;  // nothing was read since
  const auto wrong = follow(size_);
  const auto cut = watch_->finish();
  return wrong ? wrong : cut;
}

void ContainerFollower::jump() {
  watch_->jump();
  jumped_ = true;
}

}  // namespace mayfly
