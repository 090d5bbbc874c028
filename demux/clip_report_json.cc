#include <nlohmann/json.hpp>

#include "demux/clip_report.h"

namespace mayfly {
namespace {

using Json = nlohmann::ordered_json;

Json ratio_json(Ratio ratio) {
  if (ratio.numerator <= 0) return nullptr;
  return std::to_string(ratio.numerator) + "/" + std::to_string(ratio.denominator);
}

Json track_json(const ClipReport& report, const Track& track) {
  Json json = {{"id", track.id.value()},
               {"kind", track.kind == TrackKind::Video ? "video" : "audio"},
               {"codec", track.codec},
               {"time_base", ratio_json(track.time_base)},
               {"duration_us", length_of(report, track.id).count()},
               {"bit_rate_bps", bit_rate_of(report, track.id).bits_per_second()}};
  if (track.kind == TrackKind::Video) {
    json["width"] = track.video.width;
    json["height"] = track.video.height;
    json["frame_rate"] = ratio_json(track.video.frame_rate);
    json["sample_aspect"] = ratio_json(track.video.sample_aspect);
  } else {
    json["sample_rate"] = track.audio.sample_rate;
    json["channels"] = track.audio.channels;
  }
  if (!track.language.empty()) json["language"] = track.language;
  return json;
}

Json frame_json(const ClipReport::FrameLine& line) {
  const Frame& frame = line.frame;
  Json references = Json::array();
  for (const FrameNumber needed : frame.references) references.push_back(needed.value());
  Json json = {{"track", frame.track.value()},
               {"number", frame.number.value()},
               {"type", frame.picture_type ? Json(to_string(*frame.picture_type)) : Json(nullptr)},
               {"class", to_string(frame.frame_class)},
               {"pts_us", frame.pts.time_since_epoch().count()},
               {"dts_us", frame.dts.time_since_epoch().count()},
               {"duration_us", frame.duration.count()},
               {"bytes", line.bytes},
               {"keyframe", frame.keyframe},
               {"gop", frame.gop},
               {"references", std::move(references)}};
  if (!line.sha256.empty()) json["sha256"] = line.sha256;
  return json;
}

Json summary_json(const ClipReport& report) {
  Json classes = Json::object();
  const auto summaries = classes_of(report);
  for (const FrameClass each : kFrameClasses) {
    const auto& summary = summaries[index_of(each)];
    classes[std::string(to_string(each))] = {{"frames", summary.frames},
                                             {"bytes", summary.bytes},
                                             {"share", summary.share},
                                             {"mean_bytes", summary.mean()},
                                             {"max_bytes", summary.largest}};
  }
  const auto gops = gops_of(report);
  const auto& intra = summaries[index_of(FrameClass::I)];
  const DataRate rate = bit_rate_of(report);
  Json json = {{"duration_us", report.duration ? Json(report.duration->count()) : Json(nullptr)},
               {"frames", report.frames.size()},
               {"bit_rate_bps", rate.bits_per_second()},
               {"classes", std::move(classes)},
               {"n_i", intra.frames},
               {"i_share", intra.share},
               {"gop",
                {{"count", gops.count},
                 {"min_frames", gops.shortest},
                 {"mean_frames", gops.mean},
                 {"max_frames", gops.longest},
                 {"pattern", gops.pattern},
                 {"open", gops.open},
                 {"closed", gops.count - gops.open}}}};
  // How long the largest I frame takes on a link that is just as fast as the clip needs.
  const bool known = rate.bits_per_second() > 0;
  json["max_i_over_rate_ms"] =
      known ? Json(to_milliseconds(rate.time_for(intra.largest))) : Json(nullptr);
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const ClipReport& report) {
  Json json = {{"file", report.file}, {"format", report.format}};
  json["tracks"] = Json::array();
  for (const Track& track : report.tracks) json["tracks"].push_back(track_json(report, track));
  json["frames"] = Json::array();
  for (const auto& line : report.frames) json["frames"].push_back(frame_json(line));
  json["summary"] = summary_json(report);
  if (report.damage) json["damage"] = report.damage->message;
  return json;
}

}  // namespace mayfly
