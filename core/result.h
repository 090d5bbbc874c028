#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mayfly {

// What went wrong, for callers to switch on. People read the message instead.
enum class ErrorCode {
  InvalidArgument,  // the caller asked for something that makes no sense
  NotFound,         // a file, clip, address or track that is not there
  Malformed,        // bytes from outside that do not parse
  Unsupported,      // understood, but this build or machine or peer cannot do it
  Exhausted,        // a bound was reached; trying again later may work
  Closed,           // ended in good order
  Io,               // the operating system or a library refused
  Timeout,          // nobody answered in time
};

[[nodiscard]] const char* to_string(ErrorCode code);

// A failed operation. The message reads outside-in and names the thing, and the mend where there is
// one: `config lab.toml: delivery.b.lifetime: must be positive`.
struct Error {
  ErrorCode code = ErrorCode::Io;
  std::string message;

  // The same error, with what was being attempted put in front.
  [[nodiscard]] Error in(const std::string& attempt) const {
    return {code, attempt + ": " + message};
  }

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(ErrorCode code, std::string message) {
  return tl::unexpected(Error{code, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected(std::move(error));
}

// What the last failed system call meant: `attempt: No such file or directory`.
[[nodiscard]] Error from_errno(int error_number, const std::string& attempt);

}  // namespace mayfly

#define MAYFLY_CONCAT_INNER(a, b) a##b
#define MAYFLY_CONCAT(a, b) MAYFLY_CONCAT_INNER(a, b)

// Leaves the function with the error of `expression`, if it has one.
#define RETURN_IF_ERROR(expression)                              \
  do {                                                           \
    if (auto mayfly_result = (expression); !mayfly_result) {     \
      return ::tl::unexpected(std::move(mayfly_result).error()); \
    }                                                            \
  } while (false)

// Declares `target` with the value of `expression`, or leaves the function with its error.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_INNER(MAYFLY_CONCAT(mayfly_result_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_INNER(result, target, expression)         \
  auto result = (expression);                                      \
  if (!result) return ::tl::unexpected(std::move(result).error()); \
  target = std::move(*result)
