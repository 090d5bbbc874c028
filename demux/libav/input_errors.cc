#include "demux/libav/input_errors.h"

#include <filesystem>
#include <system_error>

#include "demux/libav/libav_handles.h"

namespace mayfly {

Result<void> check_file(const std::string& name) {
  std::error_code error;
  const auto status = std::filesystem::status(name, error);
  if (status.type() == std::filesystem::file_type::none) {
    return failure(ErrorCode::Io, name + ": cannot be opened: " + error.message());
  }
  if (!std::filesystem::exists(status)) {
    return failure(ErrorCode::NotFound, name + ": there is no such file");
  }
  if (std::filesystem::is_directory(status)) {
    return failure(ErrorCode::InvalidArgument, name + ": is a folder, not a media file");
  }
  if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(name, error) == 0) {
    return failure(ErrorCode::Malformed, name + ": is empty");
  }
  return {};
}

ErrorCode error_code_of(int error_number) {
  switch (error_number) {
    case AVERROR_INVALIDDATA: return ErrorCode::Malformed;
    case AVERROR_EXIT: return ErrorCode::Closed;
    case AVERROR(ENOENT):
    case AVERROR_STREAM_NOT_FOUND:
    case AVERROR_HTTP_NOT_FOUND: return ErrorCode::NotFound;
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_PROTOCOL_NOT_FOUND:
    case AVERROR_PATCHWELCOME: return ErrorCode::Unsupported;
    case AVERROR(ETIMEDOUT): return ErrorCode::Timeout;
    default: return ErrorCode::Io;
  }
}

tl::unexpected<Error> cannot_open(const std::string& name, int error_number) {
  const ErrorCode code = error_code_of(error_number);
  if (code == ErrorCode::Malformed || error_number == AVERROR_EOF) {
    return failure(ErrorCode::Malformed, name +
                                             ": is not a media file, or its headers are damaged "
                                             "or cut off");
  }
  return failure(code, name + ": cannot be opened: " + av_text(error_number));
}

}  // namespace mayfly
