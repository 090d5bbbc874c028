#include "wire/frame_piece.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/check.h"

namespace mayfly::wire {
namespace {

//   0       1       2       3              7              11
//   +-------+-------+-------+--------------+--------------+
//   |ver|flg| epoch | track |    number    | frame_bytes  |
//   +-------+-------+-------+--------------+--------------+
//
// then, when the flags say so, the description (offset is 0), and otherwise the offset:
//
//   11      12         16         24         32         36        44      45
//   +-------+----------+----------+----------+----------+---------+-------+-----------+
//   | kind  |   gop    |   pts    |   dts    | duration | sent_at | count | distances |
//   +-------+----------+----------+----------+----------+---------+-------+-----------+
//
// then the body to the end of the message. kind is CCTTK000: class, picture type, keyframe.
constexpr uint8_t kVersion = 1;
constexpr uint8_t kDescribed = 0x01;
constexpr uint8_t kReserved = 0x0e;
constexpr uint8_t kKeyframe = 0x08;
constexpr uint8_t kKindReserved = 0x07;
// In place of a reference's distance: it does not fit a byte, and follows in four.
constexpr uint8_t kFarReference = 0;
constexpr uint32_t kLargestNearDistance = 255;

tl::unexpected<Error> malformed(std::string why) {
  return failure(ErrorCode::Malformed, "frame piece: " + std::move(why));
}

uint8_t picture_type_bits(std::optional<PictureType> type) {
  if (!type) return 0;
  switch (*type) {
    case PictureType::I: return 1;
    case PictureType::P: return 2;
    case PictureType::B: return 3;
  }
  return 0;
}

std::optional<PictureType> picture_type_from(unsigned bits) {
  constexpr std::array kTypes = {PictureType::I, PictureType::P, PictureType::B};
  if (bits == 0) return std::nullopt;
  return kTypes[bits - 1];
}

bool is_wire_time(Duration time) { return time >= -kMaxWireTime && time <= kMaxWireTime; }

bool has_duplicate(const std::vector<FrameNumber>& numbers) {
  for (auto each = numbers.begin(); each != numbers.end(); ++each) {
    if (std::find(numbers.begin(), each, *each) != each) return true;
  }
  return false;
}

// The rules a description keeps beyond its layout, for the parser and the serializer alike. Empty
// when all hold.
std::string fault_of(const FrameDescription& description, FrameNumber number) {
  if (description.frame_class == FrameClass::Audio && description.picture_type) {
    return "an audio frame with a picture type";
  }
  if (!is_wire_time(description.pts.time_since_epoch()) ||
      !is_wire_time(description.dts.time_since_epoch())) {
    return "pts or dts beyond 2^53 us";
  }
  if (description.duration < Duration::zero() || description.duration > kMaxFrameDuration) {
    return "a duration beyond 2^32 us";
  }
  if (description.sent_at < Duration::zero() || description.sent_at > kMaxWireTime) {
    return "sent_at beyond 2^53 us";
  }
  if (description.references.size() > kMaxReferences) {
    return fmt::format("{} references, more than {}", description.references.size(),
                       kMaxReferences);
  }
  for (const FrameNumber reference : description.references) {
    if (reference >= number) return "a reference that is not earlier than the frame";
  }
  if (has_duplicate(description.references)) return "the same reference twice";
  return {};
}

std::string fault_of(const FramePiece& piece) {
  if (piece.frame_bytes > kMaxFrameBytes) {
    return fmt::format("a frame of {} bytes, more than {}", piece.frame_bytes, kMaxFrameBytes);
  }
  if (piece.description.has_value() != (piece.offset == 0)) {
    return "a description must stand at offset 0 and only there";
  }
  if (piece.body.empty() && piece.frame_bytes != 0) return "an empty piece of a frame that is not";
  if (piece.offset > piece.frame_bytes || piece.body.size() > piece.frame_bytes - piece.offset) {
    return fmt::format("{} bytes at {} reach beyond the frame's {}", piece.body.size(),
                       piece.offset, piece.frame_bytes);
  }
  if (piece.description) return fault_of(*piece.description, piece.number);
  return {};
}

Result<std::vector<FrameNumber>> read_references(ByteReader& reader, FrameNumber number) {
  const size_t count = reader.u8();
  if (count > kMaxReferences) {
    return malformed(fmt::format("{} references, more than {}", count, kMaxReferences));
  }
  std::vector<FrameNumber> references;
  references.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    uint32_t distance = reader.u8();
    if (distance == kFarReference) {
      distance = reader.u32();
      if (distance <= kLargestNearDistance) {
        return malformed("a reference's distance in more bytes than it needs");
      }
    }
    if (distance > number.value()) return malformed("a reference before the first frame");
    references.emplace_back(number.value() - distance);
  }
  return references;
}

Result<FrameDescription> read_description(ByteReader& reader, FrameNumber number) {
  FrameDescription description;
  const unsigned kind = reader.u8();
  if ((kind & kKindReserved) != 0) return malformed("reserved bits are set");
  description.frame_class = kFrameClasses[kind >> 6];
  description.picture_type = picture_type_from(kind >> 4 & 3U);
  description.keyframe = (kind & kKeyframe) != 0;
  description.gop = reader.u32();
  description.pts = MediaTime(Duration(reader.i64()));
  description.dts = MediaTime(Duration(reader.i64()));
  description.duration = Duration(reader.u32());
  description.sent_at = Duration(reader.i64());
  ASSIGN_OR_RETURN(description.references, read_references(reader, number));
  return description;
}

void write_description(ByteWriter& writer, const FrameDescription& description,
                       FrameNumber number) {
  writer.u8(
      static_cast<uint8_t>(index_of(description.frame_class) << 6 |
                           static_cast<size_t>(picture_type_bits(description.picture_type)) << 4 |
                           (description.keyframe ? kKeyframe : 0U)));
  writer.u32(description.gop);
  writer.i64(description.pts.time_since_epoch().count());
  writer.i64(description.dts.time_since_epoch().count());
  writer.u32(static_cast<uint32_t>(description.duration.count()));
  writer.i64(description.sent_at.count());
  writer.u8(static_cast<uint8_t>(description.references.size()));
  for (const FrameNumber reference : description.references) {
    const uint32_t distance = number.value() - reference.value();
    if (distance <= kLargestNearDistance) {
      writer.u8(static_cast<uint8_t>(distance));
    } else {
      writer.u8(kFarReference);
      writer.u32(distance);
    }
  }
}

size_t header_bytes(const FramePiece& piece) {
  if (!piece.description) return kPieceHeaderBytes;
  size_t bytes = kFirstPieceHeaderBytes;
  for (const FrameNumber reference : piece.description->references) {
    bytes += piece.number.value() - reference.value() <= kLargestNearDistance ? 1U : 5U;
  }
  return bytes;
}

MediaTime within_wire(MediaTime time) {
  return MediaTime(std::clamp(time.time_since_epoch(), -kMaxWireTime, kMaxWireTime));
}

FrameDescription describe(const Frame& frame, Duration sent_at) {
  FrameDescription description{
      .frame_class = frame.frame_class,
      .picture_type = frame.picture_type,
      .keyframe = frame.keyframe,
      .gop = frame.gop,
      .pts = within_wire(frame.pts),
      .dts = within_wire(frame.dts),
      .duration = std::clamp(frame.duration, Duration::zero(), kMaxFrameDuration),
      .sent_at = std::clamp(sent_at, Duration::zero(), kMaxWireTime),
      .references = {},
  };
  for (const FrameNumber reference : frame.references) {
    auto& kept = description.references;
    if (std::find(kept.begin(), kept.end(), reference) == kept.end()) kept.push_back(reference);
  }
  return description;
}

}  // namespace

bool operator==(const FramePiece& a, const FramePiece& b) {
  return a.epoch == b.epoch && a.track == b.track && a.number == b.number &&
         a.frame_bytes == b.frame_bytes && a.offset == b.offset && a.description == b.description &&
         std::ranges::equal(a.body, b.body);
}

Result<FramePiece> parse_frame_piece(ByteView message) {
  ByteReader reader(message);
  FramePiece piece;
  const unsigned start = reader.u8();
  if (reader.failed()) return malformed("empty");
  if (start >> 4 != kVersion) {
    return malformed(fmt::format("version {}, this is version {}", start >> 4, kVersion));
  }
  if ((start & kReserved) != 0) return malformed("reserved bits are set");
  piece.epoch = Epoch(reader.u8());
  piece.track = TrackId(reader.u8());
  piece.number = FrameNumber(reader.u32());
  piece.frame_bytes = reader.u32();
  if ((start & kDescribed) != 0) {
    ASSIGN_OR_RETURN(piece.description, read_description(reader, piece.number));
  } else {
    piece.offset = reader.u32();
  }
  if (reader.failed()) return malformed("ends in its header");
  piece.body = reader.rest();
  if (std::string fault = fault_of(piece); !fault.empty()) return malformed(std::move(fault));
  return piece;
}

Bytes serialize(const FramePiece& piece) {
  MAYFLY_CHECK(fault_of(piece).empty());
  Bytes message;
  message.reserve(header_bytes(piece) + piece.body.size());
  ByteWriter writer(message);
  writer.u8(static_cast<uint8_t>(kVersion << 4 | (piece.description ? kDescribed : 0)));
  writer.u8(piece.epoch.value());
  writer.u8(piece.track.value());
  writer.u32(piece.number.value());
  writer.u32(piece.frame_bytes);
  if (piece.description) {
    write_description(writer, *piece.description, piece.number);
  } else {
    writer.u32(piece.offset);
  }
  writer.append(piece.body);
  return message;
}

std::vector<Bytes> cut_into_pieces(const Frame& frame, Epoch epoch, Duration sent_at,
                                   size_t max_message_bytes) {
  MAYFLY_CHECK(max_message_bytes >= kMinMessageBytes);
  if (frame.bytes() > kMaxFrameBytes) return {};
  ByteView left = frame.payload ? ByteView(*frame.payload) : ByteView();
  FramePiece piece{.epoch = epoch,
                   .track = frame.track,
                   .number = frame.number,
                   .frame_bytes = static_cast<uint32_t>(left.size()),
                   .offset = 0,
                   .description = describe(frame, sent_at),
                   .body = {}};
  std::vector<Bytes> messages;
  messages.reserve(left.size() / (max_message_bytes - kPieceHeaderBytes) + 2);
  do {
    piece.body = left.first(std::min(left.size(), max_message_bytes - header_bytes(piece)));
    messages.push_back(serialize(piece));
    left = left.subspan(piece.body.size());
    piece.offset += static_cast<uint32_t>(piece.body.size());
    piece.description.reset();
  } while (!left.empty());
  return messages;
}

}  // namespace mayfly::wire
