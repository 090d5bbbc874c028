#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/frame.h"
#include "core/ids.h"
#include "demux/h264_headers.h"

namespace mayfly {

// The picture order count of the current picture (H.264 8.2.1), kept from picture to picture.
class H264PictureOrder {
 public:
  // Top and bottom field; of a field picture only its own counts.
  [[nodiscard]] std::array<int64_t, 2> next(const H264Slice& slice, const H264Sequence& sequence);
  // The picture just counted had memory management control operation 5, which restarts the count;
  // gives what its own order becomes.
  int64_t restart(const std::array<int64_t, 2>& order, const H264Slice& slice);

 private:
  [[nodiscard]] int64_t expected_type_1(int64_t frame_num, const H264Slice& slice,
                                        const H264Sequence& sequence) const;

  int64_t previous_msb_ = 0;
  int64_t previous_lsb_ = 0;
  int64_t previous_frame_num_ = 0;
  int64_t frame_num_offset_ = 0;
};

// The reference pictures a decoder would hold, as marked by the stream (H.264 8.2.5), and the lists
// a slice chooses from (8.2.4). Frames and fields; nothing is decoded.
class H264ReferenceBuffer {
 public:
  static constexpr unsigned kTop = 1;
  static constexpr unsigned kBottom = 2;
  static constexpr unsigned kFrame = kTop | kBottom;

  // Before the first slice of a picture that is not a second field: marks what a gap in frame_num
  // pushes out (8.2.5.2) and empties the buffer at an IDR picture.
  void begin(const H264Slice& slice, const H264Sequence& sequence);
  // The frames that the slice may predict from, as its lists say.
  void collect(const H264Slice& slice, const H264Sequence& sequence, int64_t order,
               FrameNumber current, std::vector<FrameNumber>& references) const;
  // After the last slice of a reference picture.
  void mark(const H264Slice& slice, const H264Sequence& sequence,
            const std::array<int64_t, 2>& order, FrameNumber current);

 private:
  struct Entry {
    FrameNumber number;
    bool exists = true;  // false: stands for a gap
    unsigned fields = kFrame;
    bool long_term = false;
    int64_t frame_num = 0;
    int64_t long_index = 0;
    std::array<int64_t, 2> order{};
  };
  struct Candidate {
    size_t entry = 0;
    unsigned structure = kFrame;
    friend bool operator==(const Candidate&, const Candidate&) = default;
  };
  using List = std::vector<Candidate>;

  [[nodiscard]] static unsigned structure_of(const H264Slice& slice);
  [[nodiscard]] int64_t wrapped(const Entry& entry, const H264Slice& slice,
                                const H264Sequence& sequence) const;
  [[nodiscard]] int64_t order_of(const Entry& entry) const;
  [[nodiscard]] List initial_list(size_t list, const H264Slice& slice, const H264Sequence& sequence,
                                  int64_t order) const;
  [[nodiscard]] List alternate_fields(const std::vector<size_t>& frames, unsigned structure) const;
  void append(List& list, const std::vector<size_t>& frames, const H264Slice& slice) const;
  void change(List& list, const std::vector<H264ListChange>& changes, const H264Slice& slice,
              const H264Sequence& sequence) const;
  // The short-term or long-term picture of that number (8.2.4.1), if there is one.
  [[nodiscard]] std::optional<Candidate> find(bool long_term, int64_t picture_number,
                                              const H264Slice& slice,
                                              const H264Sequence& sequence) const;
  void slide(const H264Sequence& sequence);
  void apply(const H264Marking& marking, const H264Slice& slice, const H264Sequence& sequence,
             FrameNumber current);
  void drop_fields(std::optional<Candidate> candidate);
  void drop_long_index(int64_t index, FrameNumber except);

  std::vector<Entry> entries_;  // in decode order, at most 16 and the current one
  int64_t previous_frame_num_ = 0;
};

}  // namespace mayfly
