#include "netsim/virtual_time.h"

#include <sys/syscall.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <ctime>

#include "core/check.h"
#include "core/random.h"

namespace mayfly {
namespace {

const Clock* virtual_clock = nullptr;
Random virtual_random(0);

// A date rather than 1970: zero means "never" to some.
constexpr time_t kEpochSeconds = 1'700'000'000;

long forward(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  long result = 0;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long result asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0"
               : "+r"(result)
               : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
               : "memory");
#else
#error "virtual time knows how to make system calls on x86-64 and aarch64 only"
#endif
  if (result < 0 && result > -4096) {
    errno = static_cast<int>(-result);
    return -1;
  }
  return result;
}

long fill_random(long buffer, long length) {
  auto* bytes = reinterpret_cast<unsigned char*>(buffer);
  for (long i = 0; i < length; ++i) bytes[i] = static_cast<unsigned char>(virtual_random.bits());
  return length;
}

}  // namespace

VirtualTime::VirtualTime(const Clock& clock, uint64_t seed) {
  MAYFLY_CHECK(virtual_clock == nullptr);
  virtual_clock = &clock;
  virtual_random = Random(seed);
}

VirtualTime::~VirtualTime() { virtual_clock = nullptr; }

}  // namespace mayfly

// The definitions of the executable win over the C library's, also for shared libraries.
extern "C" {

int gettimeofday(struct timeval* __restrict time, void* __restrict /*zone*/) noexcept {
  if (mayfly::virtual_clock != nullptr) {
    const auto now = mayfly::virtual_clock->now().time_since_epoch().count();
    time->tv_sec = mayfly::kEpochSeconds + now / 1'000'000;
    time->tv_usec = now % 1'000'000;
    return 0;
  }
  struct timespec real {};
  if (clock_gettime(CLOCK_REALTIME, &real) != 0) return -1;
  time->tv_sec = real.tv_sec;
  time->tv_usec = real.tv_nsec / 1000;
  return 0;
}

// Who calls it passes as many arguments as the call has, and the C library's takes six all the
// same.
__attribute__((no_sanitize("address"))) long syscall(long number, ...) noexcept {
  va_list arguments;
  va_start(arguments, number);
  const long a = va_arg(arguments, long);
  const long b = va_arg(arguments, long);
  const long c = va_arg(arguments, long);
  const long d = va_arg(arguments, long);
  const long e = va_arg(arguments, long);
  const long f = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_getrandom && mayfly::virtual_clock != nullptr) {
    return mayfly::fill_random(a, b);
  }
  return mayfly::forward(number, a, b, c, d, e, f);
}

}  // extern "C"
