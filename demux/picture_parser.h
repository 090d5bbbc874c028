#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/frame.h"
#include "core/ids.h"
#include "core/track.h"

namespace mayfly {

// What a stretch of a packet is, as its codec's headers tell.
struct CodedPicture {
  enum class Part : uint8_t {
    Picture,       // a picture of its own: it becomes a frame
    Continuation,  // belongs to the picture before: its second field, one not coded
    Preamble,      // belongs to the picture after: parameter sets in a packet of their own
  };

  Part part = Part::Picture;
  size_t bytes = 0;                 // the parts follow each other and cover the packet
  std::optional<PictureType> type;  // none for pictures that are never shown
  bool intra = false;               // holds an intra picture that others depend on
  bool reference = true;            // others may depend on it
  bool keyframe = false;            // decoding can start here
  bool may_continue = false;        // the next packet may hold a continuation
  // Predicted from pictures before those this parser was given: a leading picture of an open GOP
  // where reading began.
  bool misses_reference = false;
  // Grows in the order in which the track's pictures are shown.
  int64_t display_order = 0;
  // Pictures that must have been decoded before, as numbered by this parser: pictures count from 0,
  // other parts do not count.
  std::vector<FrameNumber> references;
};

// Reads the headers of one track's packets in decode order and remembers what it needs of them.
// Packets are not trusted: any bytes give some answer, in time linear in their number and bounded
// memory. After a seek a new parser must be made.
class PictureParser {
 public:
  virtual ~PictureParser() = default;

  // The parts of the next packet. `container_keyframe` is what the container says about it; only
  // parsers that cannot look into the codec use it. Never empty for a packet that is not.
  [[nodiscard]] virtual std::vector<CodedPicture> read(ByteView packet,
                                                       bool container_keyframe) = 0;
  // How many pictures a decoder holds back to show them in order, as far as the headers told.
  [[nodiscard]] virtual std::optional<int> reorder_depth() const { return std::nullopt; }
  // Whether decoders show the last picture read, were it the last of all.
  [[nodiscard]] virtual bool last_is_shown() const { return true; }
};

// The parser for the track's codec. Codecs without one of their own get the generic one: intra-only
// codecs give I pictures, all others I or P as the container marks them.
[[nodiscard]] std::unique_ptr<PictureParser> make_picture_parser(const Track& track,
                                                                 bool intra_only_codec);

// Adds `number` unless it is there already or the list is full.
void add_reference(std::vector<FrameNumber>& references, FrameNumber number);

}  // namespace mayfly
