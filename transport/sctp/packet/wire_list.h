#pragma once

#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/check.h"
#include "transport/sctp/packet/big_endian.h"

namespace mayfly::sctp {

// How a record of fixed size lies on the wire. Specialised beside each record:
//   static constexpr size_t kBytes;
//   static T read(std::span<const std::byte, kBytes> bytes);
//   static void write(FieldWriter& writer, T value);
template <class T>
struct WireRecord;

// A list of small records that lies elsewhere and must outlive this: as bytes in a received packet,
// decoded one by one when looked at, or as values in memory on their way out. So a chunk is the
// same type in both directions, and neither allocates.
template <class T>
class WireList {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = ptrdiff_t;
    using pointer = const T*;
    using reference = T;

    Iterator() = default;
    Iterator(const WireList& list, size_t at) : list_(list), at_(at) {}

    [[nodiscard]] T operator*() const { return list_[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++at_;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    WireList list_;
    size_t at_ = 0;
  };

  WireList() = default;
  // Not explicit: a list of values is written where a chunk wants one.
  WireList(std::span<const T> values) : values_(values.data()), size_(values.size()) {}
  WireList(const std::vector<T>& values) : WireList(std::span<const T>(values)) {}

  // Of the whole records in `bytes`; what is left over at the end is left out.
  [[nodiscard]] static WireList from_wire(ByteView bytes) {
    WireList list;
    list.wire_ = bytes.data();
    list.size_ = bytes.size() / WireRecord<T>::kBytes;
    return list;
  }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T operator[](size_t index) const {
    MAYFLY_CHECK(index < size_);
    if (values_ != nullptr) return values_[index];
    constexpr size_t kBytes = WireRecord<T>::kBytes;
    return WireRecord<T>::read(std::span<const std::byte, kBytes>(wire_ + index * kBytes, kBytes));
  }
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, size_}; }

  [[nodiscard]] size_t bytes() const { return size_ * WireRecord<T>::kBytes; }
  void serialize_to(FieldWriter& writer) const {
    for (size_t i = 0; i < size_; ++i) WireRecord<T>::write(writer, (*this)[i]);
  }

  friend bool operator==(const WireList& a, const WireList& b) {
    if (a.size_ != b.size_) return false;
    for (size_t i = 0; i < a.size_; ++i) {
      if (!(a[i] == b[i])) return false;
    }
    return true;
  }

 private:
  const T* values_ = nullptr;
  const std::byte* wire_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mayfly::sctp
