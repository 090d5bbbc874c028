#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/bytes.h"
#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"
#include "core/units.h"
#include "wire/frame_piece.h"

// The session protocol: values that travel as protobuf messages on stream 0, reliable and ordered.
// docs/WIRE_FORMAT.md has the dialogue and every field. Player to server is marked ->, server to
// player <-.
namespace mayfly::wire {

inline constexpr uint32_t kProtocolVersion = 1;
// Larger control messages are refused. A catalogue of thousands of clips comes in several messages.
inline constexpr size_t kMaxControlBytes = 1 << 20;
// Further bounds; what exceeds one is Malformed. Texts for people are cut to theirs when they are
// serialized, and what is not UTF-8 in them becomes "?".
inline constexpr size_t kMaxNameBytes = 64;        // codec, language, policy, lifetime, a feature
inline constexpr size_t kMaxTextBytes = 1024;      // software, reason, message
inline constexpr size_t kMaxClipNameBytes = 4096;  // a path; bytes, not necessarily UTF-8
inline constexpr size_t kMaxExtradataBytes = 256 << 10;  // of one track
inline constexpr size_t kMaxFeatures = 64;
inline constexpr size_t kMaxCatalogueEntries = 4096;  // in one message
inline constexpr size_t kMaxFates = 16384;            // in one report; more go in several

// -> The first message of a session. `sent_at` on the player's clock since its session began.
struct Hello {
  uint32_t version = kProtocolVersion;
  std::string software;  // "mayfly 0.1.0"
  std::vector<std::string> features;
  Duration sent_at{};
  friend bool operator==(const Hello&, const Hello&) = default;
};

// <- Answers Hello. The echo lets the player relate the two clocks as NTP does (RFC 5905 8).
struct Welcome {
  uint32_t version = kProtocolVersion;
  std::string software;
  std::vector<std::string> features;
  Duration hello_sent_at{};      // echoed
  Duration hello_received_at{};  // on the server's clock since its session began
  Duration sent_at{};
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

// -> Asks for the list of clips.
struct CatalogueRequest {
  friend bool operator==(const CatalogueRequest&, const CatalogueRequest&) = default;
};

struct CatalogueEntry {
  std::string name;
  std::optional<Duration> duration;  // none for live inputs
  std::vector<Track> tracks;         // without extradata
  friend bool operator==(const CatalogueEntry&, const CatalogueEntry&) = default;
};

// <- The list, possibly in several messages; `complete` in the last.
struct Catalogue {
  std::vector<CatalogueEntry> entries;
  bool complete = true;
  friend bool operator==(const Catalogue&, const Catalogue&) = default;
};

// -> Starts a clip, ending the one that plays.
struct Play {
  std::string clip;
  MediaTime position{};  // playout starts at the last I frame not after it
  // From a frame's decode time to its showing; sets every frame's deadline. 0: as the server likes.
  Duration playout_delay{};
  bool loop = false;
  friend bool operator==(const Play&, const Play&) = default;
};

// How a class of frames is sent, for people and reports.
struct ClassDelivery {
  FrameClass frame_class = FrameClass::I;
  StreamId stream;
  bool ordered = false;
  std::string lifetime;  // as in the config: "forever", "auto", "100ms", "2 retransmissions"
  uint32_t priority = 0;
  friend bool operator==(const ClassDelivery&, const ClassDelivery&) = default;
};

// <- A playout begins: answers Play and Seek, and comes at each turn of a loop. Every frame of
// `epoch` is paced from here: frame f enters its decoder `playout_delay` after started_at + (f.dts
// - first_dts).
struct Playing {
  Epoch epoch;
  std::string clip;
  std::vector<Track> tracks;  // complete, with extradata
  MediaTime position{};       // pts of the I frame it starts with
  MediaTime first_dts{};
  Duration started_at{};     // on the server's clock since its session began
  Duration playout_delay{};  // as granted
  std::optional<Duration> duration;
  std::string policy;  // its name, or "custom"
  std::vector<ClassDelivery> delivery;
  bool next_turn = false;  // of a loop: nobody asked, and what came before is played first
  friend bool operator==(const Playing&, const Playing&) = default;
};

struct Pause {  // ->
  friend bool operator==(const Pause&, const Pause&) = default;
};
struct Resume {  // ->
  friend bool operator==(const Resume&, const Resume&) = default;
};

// <- Pacing stopped, or went on: all deadlines of `epoch` not yet passed move by how long it stood.
struct Paused {
  Epoch epoch;
  Duration at{};  // on the server's clock
  friend bool operator==(const Paused&, const Paused&) = default;
};
struct Resumed {
  Epoch epoch;
  Duration at{};
  friend bool operator==(const Resumed&, const Resumed&) = default;
};

struct Seek {  // ->
  MediaTime position{};
  friend bool operator==(const Seek&, const Seek&) = default;
};
struct Stop {  // ->
  friend bool operator==(const Stop&, const Stop&) = default;
};

// -> Changes how a class is sent from the next frame on. `lifetime` as in the config. Answered by
// `delivery` in the next SenderReport, or by Refused.
struct SetDelivery {
  FrameClass frame_class = FrameClass::B;
  std::string lifetime;
  friend bool operator==(const SetDelivery&, const SetDelivery&) = default;
};

// What became of a frame at the server. Once it left, only the player can say more.
enum class SenderFate : uint8_t { Sent, AbandonedUnsent, AbandonedSent };

struct FrameFate {
  TrackId track;
  FrameNumber number;
  FrameClass frame_class = FrameClass::I;
  SenderFate fate = SenderFate::Sent;
  MediaTime dts{};
  friend bool operator==(const FrameFate&, const FrameFate&) = default;
};

// <- Every report interval, and once more at the end: the fate of every frame that was due, told
// once, and again when Sent turned to AbandonedSent. So the player can count frames it never saw.
struct SenderReport {
  Epoch epoch;
  std::vector<FrameFate> fates;
  Duration sent_at{};
  Duration report_sent_at{};  // echo of the last ReceiverReport, for the clocks; 0: none yet
  Duration report_received_at{};
  std::vector<ClassDelivery> delivery;  // when it changed
  friend bool operator==(const SenderReport&, const SenderReport&) = default;
};

struct ClassCounts {
  FrameClass frame_class = FrameClass::I;
  uint64_t received = 0;
  uint64_t late = 0;
  uint64_t missing = 0;
  uint64_t undecodable = 0;
  friend bool operator==(const ClassCounts&, const ClassCounts&) = default;
};

// -> Every report interval. Counts since the epoch began.
struct ReceiverReport {
  Epoch epoch;
  std::vector<ClassCounts> classes;
  Duration one_way_delay{};        // smallest of the interval, by the related clocks
  Duration one_way_delay_trend{};  // against the interval before; signed
  Duration buffer_level{};         // media time waiting in the playout buffer
  Duration sent_at{};
  friend bool operator==(const ReceiverReport&, const ReceiverReport&) = default;
};

// <- The clip is over (or Stop was obeyed): every frame up to these counts was due. The last
// SenderReport came before.
struct EndOfClip {
  Epoch epoch;
  std::vector<std::pair<TrackId, uint32_t>> frames;  // per track: how many there were
  friend bool operator==(const EndOfClip&, const EndOfClip&) = default;
};

// <- A request that cannot be met; the session goes on.
struct Refused {
  ErrorCode code = ErrorCode::InvalidArgument;
  std::string message;
  friend bool operator==(const Refused&, const Refused&) = default;
};

// <-> The last message before the association is shut down, from whoever ends the session.
struct Bye {
  ErrorCode code = ErrorCode::Closed;  // Closed: in good order
  std::string reason;
  friend bool operator==(const Bye&, const Bye&) = default;
};

using ControlMessage = std::variant<Hello, Welcome, CatalogueRequest, Catalogue, Play, Playing,
                                    Pause, Resume, Paused, Resumed, Seek, Stop, SetDelivery,
                                    SenderReport, ReceiverReport, EndOfClip, Refused, Bye>;

// Fails with Malformed when the bytes are no control message or a field is out of its range, with
// Unsupported when it is a message this version does not know (skip it). Unknown fields are
// skipped.
[[nodiscard]] Result<ControlMessage> parse_control(ByteView message);
[[nodiscard]] Bytes serialize(const ControlMessage& message);
[[nodiscard]] const char* name_of(const ControlMessage& message);  // "Hello"

// Why a peer would refuse a message that tells these tracks, which somebody else made: the field of
// the track, or what they take together. None when they travel as they are.
[[nodiscard]] std::optional<std::string> fault_of(const std::vector<Track>& tracks);

// The entries as messages of about 64 KiB, in order, so that a long catalogue neither exceeds a
// bound nor holds up the stream for long. At least one, `complete` in the last.
[[nodiscard]] std::vector<Catalogue> in_messages(std::vector<CatalogueEntry> entries);

}  // namespace mayfly::wire
