#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/frame.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/units.h"

namespace mayfly::wire {

// Payload protocol identifiers of mayfly's messages (docs/WIRE_FORMAT.md).
inline constexpr Ppid kControlPpid{0x4d460001};
inline constexpr Ppid kFramePpid{0x4d460002};
// Control is always on this stream; those of the classes are the policy's.
inline constexpr StreamId kControlStream{0};

// An 8K intra frame at visually lossless quality is about 30 MB; nothing larger is taken.
inline constexpr uint32_t kMaxFrameBytes = 64U << 20;

// What stands before the body: in every piece but the first, and in the first, which describes the
// frame and takes one byte more per reference (five for one further back than 255 frames).
inline constexpr size_t kPieceHeaderBytes = 15;
inline constexpr size_t kFirstPieceHeaderBytes = 45;
inline constexpr size_t kMaxFirstPieceHeaderBytes = kFirstPieceHeaderBytes + 5 * kMaxReferences;
// The least that cut_into_pieces() can be asked to keep to.
inline constexpr size_t kMinMessageBytes = 256;

// Times on the wire lie within 2^53 microseconds (285 years) of zero, so that sums of a few of them
// never overflow at the one who reads them. A frame's duration lies within 2^32 (71 minutes).
inline constexpr Duration kMaxWireTime{int64_t{1} << 53};
inline constexpr Duration kMaxFrameDuration{(int64_t{1} << 32) - 1};

// Counts the server's starts of playout (play, seek, loop) in one session, so that frames still
// under way from before a jump are told from those after it. Wraps.
using Epoch = StrongType<struct EpochTag, uint8_t>;

// What travels once per frame, with its first piece.
struct FrameDescription {
  FrameClass frame_class = FrameClass::I;
  std::optional<PictureType> picture_type;
  bool keyframe = false;
  uint32_t gop = 0;
  MediaTime pts{};
  MediaTime dts{};
  Duration duration{};
  // When the frame was handed to the stack, on the server's clock: since the server's session
  // began.
  Duration sent_at{};
  std::vector<FrameNumber> references;

  friend bool operator==(const FrameDescription&, const FrameDescription&) = default;
};

// A frame, or a part of one, as one SCTP message. A frame is cut into consecutive pieces; each
// piece says where it lies, so they may come in any order, and any may be missing.
struct FramePiece {
  Epoch epoch;
  TrackId track;
  FrameNumber number;
  uint32_t frame_bytes = 0;                     // of the whole frame
  uint32_t offset = 0;                          // of `body` in it
  std::optional<FrameDescription> description;  // present exactly when offset is 0
  ByteView body;                                // a view of the parsed message or of the frame

  friend bool operator==(const FramePiece& a, const FramePiece& b);
};

// Fails with Malformed when the bytes are not one well-formed piece: every field is checked against
// every other, so whoever gets a piece need not check again.
[[nodiscard]] Result<FramePiece> parse_frame_piece(ByteView message);
[[nodiscard]] Bytes serialize(const FramePiece& piece);

// The whole frame as messages of at most `max_message_bytes` each, header included; at least
// kMinMessageBytes. Times beyond what the wire carries are brought to the nearest it does. Empty
// when the frame is larger than kMaxFrameBytes: it cannot travel, and its fate is the caller's to
// tell.
[[nodiscard]] std::vector<Bytes> cut_into_pieces(const Frame& frame, Epoch epoch, Duration sent_at,
                                                 size_t max_message_bytes);

}  // namespace mayfly::wire
