/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"

#include <stdlib.h>

#include "base/memory.h"
#include "decode/internal.h"

static layer_function *const layers[] = {
    [LAYER_ETHERNET] = decode_ethernet,
    [LAYER_VLAN] = decode_vlan,
    [LAYER_PORT_TAG] = decode_port_tag,
    [LAYER_BACKBONE_TAG] = decode_backbone_tag,
    [LAYER_LLC] = decode_llc,
    [LAYER_COOKED_1] = decode_cooked_1,
    [LAYER_COOKED_2] = decode_cooked_2,
    [LAYER_LOOPBACK] = decode_loopback,
    [LAYER_RAW_IP] = decode_raw_ip,
    [LAYER_CHDLC] = decode_chdlc,
    [LAYER_PPP] = decode_ppp,
    [LAYER_PPPOE] = decode_pppoe,
    [LAYER_MPLS] = decode_mpls,
    [LAYER_RADIOTAP] = decode_radiotap,
    [LAYER_PRISM] = decode_prism,
    [LAYER_WLAN] = decode_wlan,
    [LAYER_PER_PACKET] = decode_per_packet,
    [LAYER_ARP] = decode_arp,
    [LAYER_LLDP] = decode_lldp,
    [LAYER_EAPOL] = decode_eapol,
    [LAYER_IPV4] = decode_ipv4,
    [LAYER_IPV6] = decode_ipv6,
    [LAYER_UPPER] = decode_upper,
    [LAYER_TCP] = decode_tcp,
    [LAYER_UDP] = decode_udp,
    [LAYER_SCTP] = decode_sctp,
    [LAYER_ICMPV4] = decode_icmpv4,
    [LAYER_ICMPV6] = decode_icmpv6,
    [LAYER_GRE] = decode_gre,
    [LAYER_ERSPAN_2] = decode_erspan_2,
    [LAYER_ERSPAN_3] = decode_erspan_3,
    [LAYER_AH] = decode_ah,
};

struct decoder *decoder_new(const struct decode_options *options)
{
    struct decoder *decoder = memory_new(1, sizeof *decoder);

    decoder->options = *options;
    decoder->fragments =
        fragment_table_new(options->fragment_bytes_max, options->hash_key);
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    fragment_table_free(decoder->fragments);
    free(decoder);
}

uint64_t decoder_anomaly_count(const struct decoder *decoder,
                               enum anomaly anomaly)
{
    return decoder->anomalies[anomaly];
}

void decoder_read_counters(const struct decoder *decoder,
                           struct decode_counters *counters)
{
    *counters = decoder->counters;
    fragment_table_read_counters(decoder->fragments, &counters->fragments);
}

struct bytes decoder_memory(const struct decoder *decoder)
{
    return fragment_table_datagram(decoder->fragments);
}

void decoding_anomaly(struct decoding *d, enum anomaly anomaly)
{
    if (anomaly_has(&d->packet->anomalies, anomaly))
        return;
    anomaly_add(&d->packet->anomalies, anomaly);
    d->decoder->anomalies[anomaly]++;
}

bool decoding_is_whole(struct decoding *d, enum anomaly anomaly)
{
    if (LIKELY(reader_ok(&d->rest)))
        return true;
    if (d->missing == 0)
        decoding_anomaly(d, anomaly);
    return false;
}

bool decoding_limit(struct decoding *d, size_t size)
{
    size_t left = reader_left(&d->rest);

    if (size <= left) {
        if (size < left)
            d->rest = reader_sub(&d->rest, size);
        d->missing = 0;
        return true;
    }
    if (size - left > d->missing)
        return false;
    d->missing = size - left;
    return true;
}

bool decoding_enter(struct decoding *d, enum packet_tunnel tunnel)
{
    struct packet *p = d->packet;

    if (p->tunnel != PACKET_TUNNEL_NONE) {
        decoding_anomaly(d, ANOMALY_TUNNEL_NESTED);
        return false;
    }
    p->tunnel = tunnel;
    p->outer_source = p->source;
    p->outer_destination = p->destination;
    p->outer_source_mac = p->source_mac;
    p->outer_destination_mac = p->destination_mac;
    p->has_outer_mac = p->has_mac;
    p->outer_ip_size = p->ip_size;
    p->has_transport = false;
    p->source_port = 0;
    p->destination_port = 0;
    p->layer = PACKET_LAYER_LINK;
    d->is_jumbo = false;
    d->decoder->counters.tunnelled++;
    return true;
}

void decode_frame(struct decoder *decoder, const struct frame *frame,
                  struct packet *packet)
{
    const struct frame_mark *mark = &frame->mark;
    struct decoding d = {
        .decoder = decoder,
        .packet = packet,
        .rest = reader_of(frame->data),
    };
    if (mark->original_size > frame->data.size)
        d.missing = mark->original_size - frame->data.size;

    memory_zero(packet, sizeof *packet);
    packet->mark = *mark;
    packet->frame = frame->data;
    decoder->counters.frames++;
    enum layer next = layer_of_link_type(mark->link_type);
    if (next == LAYER_END)
        decoding_anomaly(&d, ANOMALY_LINK_UNKNOWN);
    for (int depth = 0; next != LAYER_END; depth++) {
        if (depth == DECODE_LAYERS_MAX) {
            decoding_anomaly(&d, ANOMALY_TOO_MANY_LAYERS);
            break;
        }
        next = layers[next](&d);
    }
    packet->payload = reader_rest(&d.rest);
    packet->payload_missing = (uint32_t)d.missing;
}
