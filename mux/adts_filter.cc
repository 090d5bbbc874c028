#include "mux/adts_filter.h"

namespace mayfly {

bool AdtsFilter::is_needed(const AVOutputFormat& container, const AVCodecParameters& parameters) {
  const bool track_describes = (container.flags & AVFMT_GLOBALHEADER) != 0;
  return track_describes && parameters.codec_id == AV_CODEC_ID_AAC &&
         parameters.extradata_size == 0;
}

Result<AdtsFilter> AdtsFilter::create(const AVStream& stream) {
  AVBSFContext* raw = nullptr;
  const AVBitStreamFilter* kind = av_bsf_get_by_name("aac_adtstoasc");
  int rc = kind == nullptr ? AVERROR_BSF_NOT_FOUND : av_bsf_alloc(kind, &raw);
  Filter filter(raw);
  if (rc >= 0) rc = avcodec_parameters_copy(filter->par_in, stream.codecpar);
  if (rc >= 0) {
    filter->time_base_in = stream.time_base;
    rc = av_bsf_init(filter.get());
  }
  if (rc < 0) return failure(from_av_output(rc, "take the ADTS headers off AAC"));
  return AdtsFilter(std::move(filter));
}

int AdtsFilter::apply(AVPacket* packet) {
  const int rc = av_bsf_send_packet(filter_.get(), packet);
  return rc < 0 ? rc : av_bsf_receive_packet(filter_.get(), packet);
}

}  // namespace mayfly
