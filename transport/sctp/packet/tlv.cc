#include "transport/sctp/packet/tlv.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly::sctp {
namespace {

constexpr size_t kMaxTlvBytes = 0xffff;

}  // namespace

std::optional<TlvView> TlvReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto header = fixed_part<kTlvHeaderBytes>(rest_);
  const size_t length = header ? u16_at<2>(*header) : 0;
  if (length < kTlvHeaderBytes || length > rest_.size()) {
    is_malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const TlvView tlv{.type = u16_at<0>(*header),
                    .value = rest_.subspan(kTlvHeaderBytes, length - kTlvHeaderBytes),
                    .whole = rest_.first(length)};
  rest_ = rest_.subspan(std::min(padded(length), rest_.size()));
  return tlv;
}

FieldWriter TlvWriter::add(uint16_t type, size_t value_bytes) {
  const size_t bytes = kTlvHeaderBytes + value_bytes;
  MAYFLY_CHECK(bytes <= kMaxTlvBytes);
  pad();
  const size_t at = list_.size();
  list_.resize(at + bytes);
  FieldWriter writer{std::span(list_).subspan(at)};
  writer.u16(type);
  writer.u16(static_cast<uint16_t>(bytes));
  return writer;
}

void TlvWriter::add_whole(ByteView whole) {
  pad();
  list_.insert(list_.end(), whole.begin(), whole.end());
}

void TlvWriter::pad() { list_.resize(padded(list_.size())); }

}  // namespace mayfly::sctp
