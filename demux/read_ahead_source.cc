#include "demux/read_ahead_source.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace mayfly {

// Lives on both threads: `mutex_` guards everything but the inner source, which belongs to the
// reading thread, and the callback, which belongs to the loop's.
class ReadAheadSource::Worker {
 public:
  Worker(std::unique_ptr<MediaSource> inner, Executor& loop, ReadAheadOptions options)
      : inner_(std::move(inner)),
        loop_(loop),
        options_(options),
        callback_(std::make_shared<std::function<void()>>()) {
    inner_->set_on_ready([this] {
      const std::scoped_lock lock(mutex_);
      inner_waits_ = false;
      changed_.notify_all();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  ~Worker() { end(); }

  // On the loop's thread. The reading thread ends soon, and tells nobody any more.
  void end() {
    // What was posted and not yet run finds nobody to call.
    *callback_ = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      is_awaited_ = false;
    }
    thread_.request_stop();
    inner_->cancel();
  }

  Result<Reading> next() {
    const std::scoped_lock lock(mutex_);
    if (!seek_to_ && !seeking_ && !queue_.empty()) {
      Frame frame = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= frame.bytes();
      changed_.notify_all();
      return frame;
    }
    if (!seek_to_ && !seeking_ && ending_) {
      if (!*ending_) return failure(ending_->error());
      return EndOfMedia{};
    }
    is_awaited_ = true;
    return NotYet{};
  }

  void seek(MediaTime position) {
    const std::scoped_lock lock(mutex_);
    seek_to_ = position;
    queue_.clear();
    queued_bytes_ = 0;
    ending_.reset();
    changed_.notify_all();
  }

  void set_on_ready(std::function<void()> on_ready) { *callback_ = std::move(on_ready); }
  void cancel() { inner_->cancel(); }

 private:
  // What the reading thread does next, decided under the lock.
  struct Step {
    std::optional<MediaTime> seek_to;
  };

  void run(const std::stop_token& stop) {
    while (auto step = await_step(stop)) {
      if (step->seek_to) {
        auto landed = inner_->seek(*step->seek_to);
        end_seek(std::move(landed));
      } else {
        store(inner_->next());
      }
    }
  }

  std::optional<Step> await_step(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop,
                  [this] { return seek_to_ || (has_room() && !ending_ && !inner_waits_); });
    if (stop.stop_requested()) return std::nullopt;
    seeking_ = seek_to_.has_value();
    if (!seeking_) inner_waits_ = true;  // until it gives something, or says it is ready
    return Step{std::exchange(seek_to_, std::nullopt)};
  }

  [[nodiscard]] bool has_room() const {
    return queue_.empty() ||
           (queue_.size() < options_.most_frames && queued_bytes_ < options_.most_bytes);
  }

  void end_seek(Result<void> landed) {
    const std::scoped_lock lock(mutex_);
    seeking_ = false;
    inner_waits_ = false;
    if (seek_to_) return;  // overtaken by another seek
    if (!landed) {
      ending_ = std::move(landed);
      announce();
    }
  }

  void store(Result<Reading> reading) {
    const std::scoped_lock lock(mutex_);
    const bool nothing_yet = reading && std::holds_alternative<NotYet>(*reading);
    if (nothing_yet) return;  // inner_waits_ stays unless it became ready meanwhile
    inner_waits_ = false;
    if (seek_to_) return;  // from before the seek
    if (!reading) {
      ending_ = Result<void>(failure(reading.error()));
    } else if (auto* frame = std::get_if<Frame>(&*reading)) {
      queued_bytes_ += frame->bytes();
      queue_.push_back(std::move(*frame));
    } else {
      ending_ = Result<void>{};
    }
    announce();
  }

  // Tells the loop, when it was sent away with NotYet, that there is something now.
  void announce() {
    if (!std::exchange(is_awaited_, false)) return;
    loop_.post([callback = callback_] {
      // The callback may destroy the source, and with it the function it is.
      const std::function<void()> call = *callback;
      if (call) call();
    });
  }

  std::unique_ptr<MediaSource> inner_;
  Executor& loop_;
  const ReadAheadOptions options_;
  // Shared with what is posted, which may outlive the source.
  std::shared_ptr<std::function<void()>> callback_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Frame> queue_;
  size_t queued_bytes_ = 0;
  std::optional<Result<void>> ending_;  // how the inner source ended, after the queue
  std::optional<MediaTime> seek_to_;    // asked for and not begun
  bool seeking_ = false;                // the reading thread is at it
  bool inner_waits_ = false;            // the inner source is being read, or gave NotYet
  bool is_awaited_ = false;             // next() gave NotYet since the last announcement

  std::jthread thread_;  // last: stops before the rest goes
};

ReadAheadSource::ReadAheadSource(std::unique_ptr<MediaSource> inner, Executor& loop,
                                 ReadAheadOptions options)
    : tracks_(inner->tracks()),
      duration_(inner->duration()),
      // The worker must not hold what waits for it.
      disposal_(std::exchange(options.disposal, nullptr)),
      worker_(std::make_unique<Worker>(std::move(inner), loop, options)) {}

ReadAheadSource::~ReadAheadSource() {
  if (!disposal_) return;
  worker_->end();
  disposal_->take(std::move(worker_));
}

Result<Reading> ReadAheadSource::next() { return worker_->next(); }

Result<void> ReadAheadSource::seek(MediaTime position) {
  if (!duration_) return failure(ErrorCode::Unsupported, "a live input cannot be sought in");
  worker_->seek(position);
  return {};
}

void ReadAheadSource::set_on_ready(std::function<void()> on_ready) {
  worker_->set_on_ready(std::move(on_ready));
}

void ReadAheadSource::cancel() { worker_->cancel(); }

}  // namespace mayfly
