#pragma once

#include "core/ids.h"
#include "transport/sctp/packet/types.h"
#include "transport/sctp/packet/wire_list.h"

// Numbers that come in lists. Records of several fields stand beside their chunk.
namespace mayfly::sctp {

template <>
struct WireRecord<uint16_t> {
  static constexpr size_t kBytes = 2;
  static uint16_t read(std::span<const std::byte, kBytes> bytes) { return u16_at<0>(bytes); }
  static void write(FieldWriter& writer, uint16_t value) { writer.u16(value); }
};

template <>
struct WireRecord<StreamId> {
  static constexpr size_t kBytes = 2;
  static StreamId read(std::span<const std::byte, kBytes> bytes) {
    return StreamId(u16_at<0>(bytes));
  }
  static void write(FieldWriter& writer, StreamId stream) { writer.u16(stream.value()); }
};

template <>
struct WireRecord<Tsn> {
  static constexpr size_t kBytes = 4;
  static Tsn read(std::span<const std::byte, kBytes> bytes) { return Tsn(u32_at<0>(bytes)); }
  static void write(FieldWriter& writer, Tsn tsn) { writer.u32(tsn.value()); }
};

}  // namespace mayfly::sctp
