#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace mayfly {

// A number that means one thing. Two strong types over the same integer do not mix, so a stream id
// can never be passed where a track id is wanted. Conversion in both directions is explicit.
template <class Tag, class T>
class StrongType {
 public:
  using Underlying = T;

  constexpr StrongType() = default;
  constexpr explicit StrongType(T value) : value_(value) {}

  [[nodiscard]] constexpr T value() const { return value_; }

  friend constexpr auto operator<=>(const StrongType&, const StrongType&) = default;

 private:
  T value_{};
};

}  // namespace mayfly

template <class Tag, class T>
struct std::hash<mayfly::StrongType<Tag, T>> {
  size_t operator()(const mayfly::StrongType<Tag, T>& value) const noexcept {
    return std::hash<T>{}(value.value());
  }
};
