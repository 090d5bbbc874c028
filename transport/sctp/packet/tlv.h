#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "transport/sctp/packet/big_endian.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |             Type              |            Length             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                             Value                             /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
inline constexpr size_t kTlvHeaderBytes = 4;

// A parameter (RFC 9260 3.2.1) or an error cause (RFC 9260 3.3.10): both are laid out like this. A
// view, which must not outlive the chunk.
struct TlvView {
  uint16_t type = 0;
  ByteView value{};  // without header and padding
  ByteView whole{};  // with its header, without padding
};

// Walks the parameters of a chunk, or its causes. Ends at the end or at one that is cut off or
// shorter than its header, which is_malformed() tells apart; the padding of the last may be
// missing.
class TlvReader {
 public:
  explicit TlvReader(ByteView list) : rest_(list) {}

  [[nodiscard]] std::optional<TlvView> next();
  [[nodiscard]] bool is_malformed() const { return is_malformed_; }

 private:
  ByteView rest_;
  bool is_malformed_ = false;
};

// Appends parameters or causes to a list that it borrows, each padded but the last: a chunk's
// length counts the padding between its parameters, not that after the last (RFC 9260 3.2.1).
class TlvWriter {
 public:
  explicit TlvWriter(Bytes& list) : list_(list) {}

  // Makes room for one more; the value's bytes must all be written to the writer that it gives.
  [[nodiscard]] FieldWriter add(uint16_t type, size_t value_bytes);
  void add(uint16_t type, ByteView value) { add(type, value.size()).append(value); }
  // One that is already whole, such as one given back to its sender.
  void add_whole(ByteView whole);

 private:
  void pad();

  Bytes& list_;
};

}  // namespace mayfly::sctp
