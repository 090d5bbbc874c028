#include "demux/chunk_watch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace mayfly {
namespace {

using Kind = ChunkStep::Kind;

constexpr ChunkStep kNeedMore{Kind::NeedMore, 0};
constexpr ChunkStep kBroken{Kind::Broken, 0};

ChunkStep chunk(uint64_t bytes) { return {Kind::Chunk, bytes}; }
unsigned at(ByteView bytes, size_t index) { return std::to_integer<unsigned>(bytes[index]); }

// Zeros may stand before a start code; a chunk has none, so they are passed one by one.
ChunkStep next_in_program_stream(ByteView bytes) {
  if (bytes.size() < 4) return kNeedMore;
  const bool is_code = at(bytes, 0) == 0 && at(bytes, 1) == 0 && at(bytes, 2) == 1;
  if (!is_code) return at(bytes, 0) == 0 ? chunk(1) : kBroken;
  const unsigned code = at(bytes, 3);
  if (code < 0xb9) return kBroken;  // the middle of a picture
  if (code == 0xb9) return chunk(4);
  if (code == 0xba) {
    if (bytes.size() < 14) return kNeedMore;
    if (at(bytes, 4) >> 4U == 2) return chunk(12);  // MPEG-1
    if (at(bytes, 4) >> 6U == 1) return chunk(14 + (at(bytes, 13) & 7U));
    return kBroken;
  }
  if (bytes.size() < 6) return kNeedMore;
  return chunk(6 + (at(bytes, 4) << 8U | at(bytes, 5)));
}

constexpr uint32_t kSegment = 0x18538067;
constexpr uint32_t kCluster = 0x1f43b675;

bool belongs_into_matroska(uint32_t id) {
  constexpr std::array<uint32_t, 19> kIds{
      0x1a45dfa3, kSegment, kCluster, 0xec, 0xbf,  // EBML header; padding and checksum anywhere
      0x114d9b74, 0x1549a966, 0x1654ae6b, 0x1c53bb6b, 0x1941a469, 0x1043a770, 0x1254c367,
      // In a cluster: time, silent tracks, position, previous size, blocks.
      0xe7, 0x5854, 0xa7, 0xab, 0xa3, 0xa0, 0xaf};
  return std::ranges::find(kIds, id) != kIds.end();
}

// EBML numbers tell their length by the zeros they begin with (RFC 8794, section 4).
size_t length_of_number(std::byte first) {
  return static_cast<size_t>(std::countl_zero(std::to_integer<uint8_t>(first))) + 1;
}

ChunkStep next_in_matroska(ByteView bytes) {
  if (bytes.empty()) return kNeedMore;
  const size_t id_bytes = length_of_number(bytes[0]);
  if (id_bytes > 4) return kBroken;
  if (bytes.size() < id_bytes + 1) return kNeedMore;
  uint32_t id = 0;
  for (size_t index = 0; index < id_bytes; ++index) id = id << 8U | at(bytes, index);
  if (!belongs_into_matroska(id)) return kBroken;
  const unsigned first = at(bytes, id_bytes);
  const size_t size_bytes = length_of_number(bytes[id_bytes]);
  if (size_bytes > 8) return kBroken;
  const size_t head = id_bytes + size_bytes;
  if (bytes.size() < head) return kNeedMore;
  if (id == kSegment || id == kCluster) return chunk(head);
  uint64_t size = first & (0xffU >> size_bytes);
  bool is_unknown = size == (0xffU >> size_bytes);
  for (size_t index = id_bytes + 1; index < head; ++index) {
    size = size << 8U | at(bytes, index);
    is_unknown = is_unknown && at(bytes, index) == 0xff;
  }
  return is_unknown ? kBroken : chunk(head + size);
}

ChunkStep next_in_avi(ByteView bytes) {
  if (bytes.size() < 8) return kNeedMore;
  const std::string_view id = as_text(bytes.first(4));
  const uint64_t size =
      at(bytes, 4) | at(bytes, 5) << 8U | at(bytes, 6) << 16U | uint64_t{at(bytes, 7)} << 24U;
  if (id == "RIFF" || id == "LIST") {
    if (bytes.size() < 12) return kNeedMore;
    const std::string_view form = as_text(bytes.subspan(8, 4));
    if (id == "RIFF" || form == "movi" || form == "rec ") return chunk(12);
  }
  const auto is_plain = [](char each) { return each >= ' ' && each <= '~'; };
  if (!std::ranges::all_of(id, is_plain)) return kBroken;
  return chunk(8 + size + (size & 1U));
}

ChunkStep next_in_iso_media(ByteView bytes) {
  if (bytes.size() < 8) return kNeedMore;
  const auto is_plain = [](char each) { return (each >= ' ' && each <= '~') || each == '\xa9'; };
  uint64_t size = ByteReader(bytes).u32();
  const std::string_view type = as_text(bytes.subspan(4, 4));
  if (size == 0 && type == std::string_view("\0\0\0\0", 4)) return {Kind::ToTheEnd, 8};  // padding
  if (!std::ranges::all_of(type, is_plain)) return kBroken;
  if (size == 0) return {Kind::ToTheEnd, 8};
  if (size == 1) {
    if (bytes.size() < 16) return kNeedMore;
    size = ByteReader(bytes.subspan(8)).u64();
    if (size < 16) return kBroken;
  }
  if (size < 8 || size > std::numeric_limits<uint64_t>::max() / 2) return kBroken;
  return chunk(size);
}

}  // namespace

const ChunkFormat kProgramStream{
    next_in_program_stream, "something else than packs and packets", {"\x00\x00\x01\xba", 4}};
const ChunkFormat kMatroska{next_in_matroska, "something else than an element of Matroska",
                            "\x1f\x43\xb6\x75"};
const ChunkFormat kAvi{next_in_avi, "something else than a chunk of frames", ""};
const ChunkFormat kIsoMedia{next_in_iso_media, "something else than a box", ""};

void ChunkWatch::jump() {
  pending_.clear();
  skippable_ = 0;
  ends_openly_ = false;
  is_lost_ = true;
}

bool ChunkWatch::find_landmark(size_t& at) {
  const std::string_view rest = as_text(ByteView(pending_).subspan(at));
  const size_t found = format_.landmark.empty() ? rest.npos : rest.find(format_.landmark);
  is_lost_ = found == rest.npos;
  // What may be the first bytes of a landmark stays.
  at += is_lost_ ? rest.size() - std::min(rest.size(), size_t{3}) : found;
  return !is_lost_;
}

std::optional<std::string_view> ChunkWatch::read(ByteView bytes) {
  const auto passed = static_cast<size_t>(std::min<uint64_t>(skippable_, bytes.size()));
  skippable_ -= passed;
  bytes = bytes.subspan(passed);
  if (bytes.empty()) return std::nullopt;
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  std::optional<std::string_view> wrong;
  size_t at = 0;
  while (at < pending_.size() && (!is_lost_ || find_landmark(at))) {
    const ChunkStep step = format_.next(ByteView(pending_).subspan(at));
    if (step.kind == Kind::NeedMore) break;
    if (step.kind == Kind::Broken) {
      if (!wrong) wrong = format_.broken;
      is_lost_ = true;
      ++at;  // or the same landmark would be found again
      continue;
    }
    ends_openly_ = step.kind == Kind::ToTheEnd;
    const uint64_t whole = ends_openly_ ? std::numeric_limits<uint64_t>::max() : step.bytes;
    const uint64_t here = std::min<uint64_t>(whole, pending_.size() - at);
    at += static_cast<size_t>(here);
    skippable_ = whole - here;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
  return wrong;
}

std::optional<std::string_view> ChunkWatch::finish() {
  if (is_lost_ || ends_openly_) return std::nullopt;
  const bool is_padding =
      std::ranges::all_of(pending_, [](std::byte each) { return each == std::byte{0}; });
  // The last chunk's pad byte is often forgotten.
  if (skippable_ <= 1 && is_padding) return std::nullopt;
  return "the file ends in the middle of something";
}

}  // namespace mayfly
