#pragma once

#include <array>

#include "demux/bit_reader.h"
#include "demux/picture_parser.h"

namespace mayfly {

// AV1 (bitstream specification, version 1.0.0 with errata 1). A packet is a temporal unit: hidden
// frames and the one that is shown, which gives the picture's type. The eight reference slots are
// tracked exactly. Keyframes are temporal units that show a key frame when it is coded, which
// resets every slot.
class Av1Pictures final : public PictureParser {
 public:
  explicit Av1Pictures(ByteView extradata);

  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override { return 0; }

 private:
  // sequence_header_obu() of 5.5, what of it the frame header needs.
  struct Sequence {
    bool reduced_still = false;
    bool has_decoder_model = false;
    unsigned removal_time_bits = 0;
    bool equal_picture_interval = false;
    unsigned presentation_time_bits = 0;
    struct OperatingPoint {
      unsigned layers = 0;  // operating_point_idc
      bool has_decoder_model = false;
    };
    std::vector<OperatingPoint> points;  // at most 32
    bool frame_ids_present = false;
    unsigned delta_frame_id_bits = 0;
    unsigned frame_id_bits = 0;
    bool order_hint = false;
    unsigned order_hint_bits = 0;
    unsigned screen_content_tools = 2;
    unsigned integer_mv = 2;
  };
  struct Slot {
    std::optional<FrameNumber> holder;
    PictureType type = PictureType::P;
    bool key = false;
    uint32_t order_hint = 0;
  };
  struct Found;   // what one packet holds
  struct Header;  // of one frame

  void read_units(ByteView bytes, Found& found);
  void read_sequence(ByteView body);
  static void read_timing(BitReader& reader, Sequence& sequence);
  void read_frame(ByteView body, unsigned temporal, unsigned spatial, Found& found);
  void show_existing(unsigned slot, Found& found);
  // Up to the references; false when the header is broken.
  [[nodiscard]] bool read_header(BitReader& reader, Header& header, unsigned temporal,
                                 unsigned spatial) const;
  void read_references(BitReader& reader, Header& header) const;
  [[nodiscard]] std::array<unsigned, 7> short_references(unsigned last, unsigned golden,
                                                         uint32_t order_hint) const;
  [[nodiscard]] int relative(uint32_t one, uint32_t other) const;

  std::optional<Sequence> sequence_;
  std::array<Slot, 8> slots_;
  uint32_t count_ = 0;
};

}  // namespace mayfly
