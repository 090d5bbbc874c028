#include "tests/mux/recording.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "demux/libav/libav_source.h"

namespace mayfly {
namespace {

bool has_start_codes(const Track& track) {
  return track.extradata.empty() || track.extradata.front() != std::byte{1};
}

std::vector<Bytes> units_with_start_codes(ByteView bytes) {
  constexpr std::array kStartCode = {std::byte{0}, std::byte{0}, std::byte{1}};
  std::vector<Bytes> units;
  auto at = std::search(bytes.begin(), bytes.end(), kStartCode.begin(), kStartCode.end());
  while (at != bytes.end()) {
    const auto begin = at + kStartCode.size();
    at = std::search(begin, bytes.end(), kStartCode.begin(), kStartCode.end());
    units.emplace_back(begin, at);
  }
  return units;
}

std::vector<Bytes> units_with_lengths(ByteView bytes) {
  ByteReader reader(bytes);
  std::vector<Bytes> units;
  while (!reader.rest().empty() && !reader.failed()) {
    const ByteView unit = reader.take(reader.u32());
    units.emplace_back(unit.begin(), unit.end());
  }
  return units;
}

// Delimiters and parameter sets, by their types in H.264 7.4.1 and HEVC 7.4.2.2; for HEVC also SEI,
// which the header of an MP4 file may hold once more.
bool is_added_by_containers(const Track& track, const Bytes& unit) {
  const auto first = std::to_integer<unsigned>(unit.front());
  if (track.codec == "h264") return (first & 0x1fU) >= 7 && (first & 0x1fU) <= 9;
  const unsigned type = first >> 1U & 0x3fU;
  return type >= 32;
}

std::vector<Bytes> nal_units(const Track& track, const Frame& frame) {
  std::vector<Bytes> units = has_start_codes(track) ? units_with_start_codes(*frame.payload)
                                                    : units_with_lengths(*frame.payload);
  // No unit ends in a zero: these are of the start code that follows, or padding.
  for (Bytes& unit : units) {
    while (!unit.empty() && unit.back() == std::byte{0}) unit.pop_back();
  }
  std::erase_if(units, [&](const Bytes& unit) {
    return unit.empty() || is_added_by_containers(track, unit);
  });
  return units;
}

}  // namespace

std::vector<Frame> ReadClip::of(TrackId track) const {
  std::vector<Frame> own;
  std::copy_if(frames.begin(), frames.end(), std::back_inserter(own),
               [&](const Frame& frame) { return frame.track == track; });
  return own;
}

ReadClip read_clip(const std::filesystem::path& file, bool until_damage) {
  ReadClip clip;
  auto source = LibavSource::open(file.string());
  if (!source) {
    ADD_FAILURE() << source.error().message;
    return clip;
  }
  clip.tracks = (*source)->tracks();
  for (;;) {
    auto reading = (*source)->next();
    if (!reading) {
      if (!until_damage) ADD_FAILURE() << reading.error().message;
      return clip;
    }
    if (auto* frame = std::get_if<Frame>(&*reading)) {
      clip.frames.push_back(std::move(*frame));
    } else {
      return clip;
    }
  }
}

void record(const ReadClip& clip, FrameSink& sink) {
  const auto started = sink.start(clip.tracks);
  ASSERT_TRUE(started.has_value()) << started.error().message;
  for (const Frame& frame : clip.frames) {
    const auto consumed = sink.consume(frame, Timestamp{});
    ASSERT_TRUE(consumed.has_value()) << consumed.error().message;
  }
  const auto finished = sink.finish();
  ASSERT_TRUE(finished.has_value()) << finished.error().message;
}

std::vector<Bytes> essence_of(const Track& track, const Frame& frame) {
  if (track.codec == "h264" || track.codec == "hevc") return nal_units(track, frame);
  const Bytes& bytes = *frame.payload;
  const bool adts = track.codec == "aac" && bytes.size() > 7 && bytes[0] == std::byte{0xff} &&
                    (bytes[1] & std::byte{0xf6}) == std::byte{0xf0};
  if (!adts) return {bytes};
  // A header is two bytes longer with a checksum (ISO/IEC 13818-7 6.2).
  const auto header = (bytes[1] & std::byte{1}) == std::byte{1} ? 7 : 9;
  return {Bytes(bytes.begin() + header, bytes.end())};
}

}  // namespace mayfly
