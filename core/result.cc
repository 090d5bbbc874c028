#include "core/result.h"

#include <system_error>

namespace mayfly {

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument: return "invalid argument";
    case ErrorCode::NotFound: return "not found";
    case ErrorCode::Malformed: return "malformed";
    case ErrorCode::Unsupported: return "unsupported";
    case ErrorCode::Exhausted: return "exhausted";
    case ErrorCode::Closed: return "closed";
    case ErrorCode::Io: return "i/o error";
    case ErrorCode::Timeout: return "timeout";
  }
  return "unknown";
}

Error from_errno(int error_number, const std::string& attempt) {
  return {ErrorCode::Io, attempt + ": " + std::generic_category().message(error_number)};
}

}  // namespace mayfly
