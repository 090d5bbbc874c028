#include "client/gst/xiph_headers.h"

#include <optional>

namespace mayfly {
namespace {

constexpr size_t kHeaders = 3;

Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

std::optional<std::vector<Bytes>> length_prefixed(ByteView extradata) {
  ByteReader reader(extradata);
  std::vector<Bytes> headers;
  while (headers.size() < kHeaders) {
    headers.push_back(copy_of(reader.take(reader.u16())));
    if (reader.failed() || headers.back().empty()) return std::nullopt;
  }
  return headers;
}

std::optional<std::vector<Bytes>> laced(ByteView extradata) {
  ByteReader reader(extradata);
  if (reader.u8() != kHeaders - 1) return std::nullopt;
  std::vector<size_t> lengths(kHeaders - 1);
  for (size_t& length : lengths) {
    uint8_t part = 0;
    do {
      part = reader.u8();
      length += part;
    } while (part == 255 && !reader.failed());
  }
  std::vector<Bytes> headers;
  for (const size_t length : lengths) headers.push_back(copy_of(reader.take(length)));
  headers.push_back(copy_of(reader.rest()));
  if (reader.failed() || headers.back().empty()) return std::nullopt;
  return headers;
}

}  // namespace

Result<std::vector<Bytes>> split_xiph_headers(ByteView extradata) {
  if (auto headers = length_prefixed(extradata)) return std::move(*headers);
  if (auto headers = laced(extradata)) return std::move(*headers);
  return failure(ErrorCode::Malformed, "the track's three codec headers are not there");
}

}  // namespace mayfly
