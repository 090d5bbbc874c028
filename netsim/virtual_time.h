#pragma once

#include <cstdint>

#include "core/clock.h"

namespace mayfly {

// While one lives, the process's gettimeofday() tells the time of `clock`, and getrandom() by way
// of syscall() gives numbers that follow from `seed`: the two ways in which the usrsctp library
// would otherwise see the real world, so that a simulation with it gives the same packets every
// time. Executables that use this class have it; everything else in them that calls the two is
// passed on untouched, and so is everything while none lives.
//
// One at a time. Must be there before the stack is, and outlive it; `clock` must outlive it.
class VirtualTime {
 public:
  VirtualTime(const Clock& clock, uint64_t seed);
  ~VirtualTime();
  VirtualTime(const VirtualTime&) = delete;
  VirtualTime& operator=(const VirtualTime&) = delete;
};

}  // namespace mayfly
