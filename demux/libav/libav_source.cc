#include "demux/libav/libav_source.h"

#include <algorithm>
#include <deque>

#include "demux/libav/frame_reader.h"
#include "demux/libav/keyframe_finder.h"
#include "demux/libav/libav_input.h"

namespace mayfly {

class LibavSource::State {
 public:
  State(std::unique_ptr<LibavInput> opened, Options options)
      : input(std::move(opened)),
        shift(options.container_times ? Duration{} : -input->start_time().time_since_epoch()),
        finder(*input) {
    reader.emplace(*input, std::nullopt);
  }

  // Reads the clip through to learn how long it is, and goes back to its start.
  Result<void> measure();

  std::unique_ptr<LibavInput> input;
  Duration shift;  // from the container's times to ours
  KeyframeFinder finder;
  std::optional<FrameReader> reader;
  std::optional<Error> failed_seek;
  std::optional<Duration> length;
};

Result<void> LibavSource::State::measure() {
  std::optional<MediaTime> end;
  for (;;) {
    auto read = reader->next();
    if (!read && read.error().code == ErrorCode::Closed) return failure(read.error());
    if (!read || !*read) break;
    const MediaTime until = (*read)->frame.pts + (*read)->frame.duration;
    end = std::max(end.value_or(until), until);
  }
  if (end) length = std::max(*end - input->start_time(), Duration{});
  RETURN_IF_ERROR(input->rewind());
  reader.emplace(*input, std::nullopt);
  return {};
}

LibavSource::LibavSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
LibavSource::~LibavSource() = default;

Result<std::unique_ptr<LibavSource>> LibavSource::open(const std::string& url_or_path,
                                                       Options options) {
  ASSIGN_OR_RETURN(auto input, LibavInput::open(url_or_path, options.stop));
  auto state = std::make_unique<State>(std::move(input), options);
  state->length = state->input->duration();
  if (!state->length && !state->input->is_live()) RETURN_IF_ERROR(state->measure());
  return std::unique_ptr<LibavSource>(new LibavSource(std::move(state)));
}

Result<std::unique_ptr<LibavSource>> LibavSource::open(const std::string& name,
                                                       std::shared_ptr<BytePipe> bytes,
                                                       const std::string& format) {
  ASSIGN_OR_RETURN(auto input, LibavInput::open(name, std::move(bytes), format));
  return std::unique_ptr<LibavSource>(
      new LibavSource(std::make_unique<State>(std::move(input), Options{})));
}

std::string LibavSource::format_name() const { return state_->input->format_name(); }

const std::vector<Track>& LibavSource::tracks() const { return state_->input->tracks(); }

std::optional<Duration> LibavSource::duration() const { return state_->length; }

Result<Reading> LibavSource::next() {
  if (state_->failed_seek) return failure(*state_->failed_seek);
  auto read = state_->reader->next();
  if (!read) return failure(read.error());
  if (!*read) return EndOfMedia{};
  Frame& frame = (*read)->frame;
  frame.pts += state_->shift;
  frame.dts += state_->shift;
  return std::move(frame);
}

Result<void> LibavSource::seek(MediaTime position) {
  LibavInput& input = *state_->input;
  if (input.is_live()) {
    return failure(ErrorCode::Unsupported, input.name() + ": is live, so there is nothing to seek");
  }
  state_->failed_seek.reset();
  state_->reader.reset();
  auto landed = state_->finder.land(position - state_->shift);
  if (!landed) {
    state_->failed_seek = landed.error();
    return failure(landed.error());
  }
  state_->reader.emplace(input, landed->beginning);
  for (auto& packet : landed->packets) state_->reader->push(std::move(packet));
  return {};
}

void LibavSource::cancel() { state_->input->cancel(); }

}  // namespace mayfly
