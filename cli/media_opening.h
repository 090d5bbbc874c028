#pragma once

#include <string>
#include <vector>

#include "client/ts_session.h"
#include "core/result.h"
#include "core/timer.h"
#include "core/track.h"
#include "server/clip_catalogue.h"
#include "server/session.h"

namespace mayfly {

[[nodiscard]] bool has_video(const std::vector<Track>& tracks);
[[nodiscard]] Error no_video(const std::string& place);

// Opens files and live inputs through libav; those without video are not for here. For the
// catalogue: blocks.
[[nodiscard]] MediaOpener media_opener();
// For sessions: on threads, see OpeningThreads. `loop` must outlive whatever it opened.
[[nodiscard]] AsyncMediaOpener async_media_opener(Executor& loop);

// Opens an MPEG transport stream that comes through a pipe, called `name` in errors, on a thread of
// its own and behind a read-ahead. What it gave must be destroyed before it, and the pipe
// cancelled.
[[nodiscard]] TsSession::Opener ts_opener(Executor& loop, const std::string& name);

}  // namespace mayfly
