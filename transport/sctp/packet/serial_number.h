#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace mayfly::sctp {

// Whether `a` comes before `b` where numbers wrap (RFC 1982, RFC 9260 1.6). Two numbers exactly
// half the space apart have no order there; here each comes before the other.
template <class T>
[[nodiscard]] constexpr bool is_before(T a, T b) {
  using Number = typename T::Underlying;
  const auto ahead = static_cast<Number>(b.value() - a.value());
  return ahead != 0 && ahead <= static_cast<Number>(std::numeric_limits<Number>::max() / 2 + 1);
}

// A wrapping number of the wire (Tsn, StreamSequence, ...) counted on without an end, so that it
// compares, subtracts and sorts like any number. Made by first() once and by unwrap() from then on.
template <class T>
class Unwrapped {
 public:
  using Wire = T;
  using Number = typename T::Underlying;
  static_assert(std::is_unsigned_v<Number> && sizeof(Number) < sizeof(uint64_t));

  constexpr Unwrapped() = default;

  // Where counting begins. It begins a whole turn above zero, so that there is room below it.
  [[nodiscard]] static constexpr Unwrapped first(T wire) { return Unwrapped(kTurn + wire.value()); }

  [[nodiscard]] constexpr T wrap() const { return T(static_cast<Number>(value_)); }
  [[nodiscard]] constexpr uint64_t value() const { return value_; }
  [[nodiscard]] constexpr Unwrapped next() const { return Unwrapped(value_ + 1); }
  [[nodiscard]] constexpr Unwrapped previous() const { return Unwrapped(value_ - 1); }

  [[nodiscard]] friend constexpr Unwrapped operator+(Unwrapped from, uint64_t steps) {
    return Unwrapped(from.value_ + steps);
  }
  [[nodiscard]] friend constexpr Unwrapped operator-(Unwrapped from, uint64_t steps) {
    return Unwrapped(from.value_ - steps);
  }
  // How many steps lead from `b` up to `a`; negative when `a` comes first.
  [[nodiscard]] friend constexpr int64_t operator-(Unwrapped a, Unwrapped b) {
    return static_cast<int64_t>(a.value_ - b.value_);
  }
  constexpr Unwrapped& operator++() {
    ++value_;
    return *this;
  }
  friend constexpr auto operator<=>(const Unwrapped&, const Unwrapped&) = default;

 private:
  template <class U>
  friend constexpr Unwrapped<U> unwrap(U wire, Unwrapped<U> near);

  static constexpr uint64_t kTurn = uint64_t{std::numeric_limits<Number>::max()} + 1;

  constexpr explicit Unwrapped(uint64_t value) : value_(value) {}

  uint64_t value_ = kTurn;
};

// Of all the numbers that look like `wire`, the one that is nearest to `near`. The caller chooses
// `near` (its cumulative TSN, say), so nothing that merely arrives can move the count.
template <class T>
[[nodiscard]] constexpr Unwrapped<T> unwrap(T wire, Unwrapped<T> near) {
  using Number = typename T::Underlying;
  const auto ahead = static_cast<std::make_signed_t<Number>>(
      static_cast<Number>(wire.value() - near.wrap().value()));
  return Unwrapped<T>(near.value() + static_cast<uint64_t>(int64_t{ahead}));
}

}  // namespace mayfly::sctp
