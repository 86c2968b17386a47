/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IEEE 802.11 data frames in the clear, under the headers that capture
 * programs put before them. Frames are counted when their body is encrypted;
 * management frames give their addresses only.
 *
 *   control 2 | duration 2 | address 1..3, 6 each | sequence 2
 *   | address 4, 6, if to and from DS | QoS control 2 | HT control 4
 */
#include "decode/internal.h"

enum {
    RADIOTAP_TSFT = 1 << 0,
    RADIOTAP_FLAGS = 1 << 1,
    RADIOTAP_FLAG_FCS = 0x10,    /* The frame ends with its checksum. */
    RADIOTAP_FLAG_PADDED = 0x20, /* The header is filled up to 4 bytes. */
    RADIOTAP_WORDS_MAX = 8,      /* Presence words read; one is usual. */

    WLAN_MANAGEMENT = 0,
    WLAN_DATA = 2,
    WLAN_SUBTYPE_EMPTY = 0x4,
    WLAN_SUBTYPE_QOS = 0x8,

    WLAN_TO_DS = 0x01, /* The second byte of the control field. */
    WLAN_FROM_DS = 0x02,
    WLAN_MORE_FRAGMENTS = 0x04,
    WLAN_PROTECTED = 0x40,
    WLAN_ORDER = 0x80,
    WLAN_QOS_AMSDU = 0x80, /* The first byte of the QoS control field. */
};

/* The flags field, if present, follows the presence words and a timestamp
 * that is aligned to 8 bytes from the start of the header. */
static uint8_t read_radiotap_flags(struct reader header, uint32_t present)
{
    size_t at = 8;

    for (int i = 1; present >> 31 && i < RADIOTAP_WORDS_MAX; i++, at += 4)
        if (reader_u32_le(&header) >> 31 == 0)
            present &= ~(UINT32_C(1) << 31);
    if (present >> 31 || !(present & RADIOTAP_FLAGS))
        return 0;
    if (present & RADIOTAP_TSFT)
        reader_skip(&header, (8 - at % 8) % 8 + 8);
    return reader_u8(&header);
}

static enum layer decode_wlan_with(struct decoding *d, uint8_t flags);

/* radiotap.org: version 0, pad, size, presence words, fields. */
enum layer decode_radiotap(struct decoding *d)
{
    uint8_t version = reader_u8(&d->rest);
    reader_skip(&d->rest, 1);
    uint16_t size = reader_u16_le(&d->rest);
    uint32_t present = reader_u32_le(&d->rest);
    struct reader fields = { .failed = true };

    if (version != 0 || size < 8)
        reader_fail(&d->rest);
    else
        fields = reader_sub(&d->rest, size - 8u);
    if (!decoding_is_whole(d, ANOMALY_RADIOTAP_HEADER))
        return LAYER_END;
    return decode_wlan_with(d, read_radiotap_flags(fields, present));
}

/*
 * Prism: code and size in the order of the machine that captured. AVS, which
 * also comes under Prism's number: magic and size in network order.
 */
enum layer decode_prism(struct decoding *d)
{
    uint32_t code = reader_u32(&d->rest);
    uint32_t size = reader_u32(&d->rest);

    if (code >> 12 != 0x80211 && size > UINT16_MAX)
        size = size >> 24 | (size >> 8 & 0xff00);
    if (size < 8)
        reader_fail(&d->rest);
    else
        reader_skip(&d->rest, size - 8);
    if (!decoding_is_whole(d, ANOMALY_RADIOTAP_HEADER))
        return LAYER_END;
    return LAYER_WLAN;
}

enum layer decode_wlan(struct decoding *d)
{
    return decode_wlan_with(d, 0);
}

struct wlan_header {
    struct bytes address[4];
    uint8_t type;
    uint8_t subtype;
    uint8_t flags;
    uint8_t fragment;
    bool is_aggregate; /* A-MSDU */
};

/* What data frames have after the sequence number; the bytes read. */
static size_t read_data_fields(struct reader *r, struct wlan_header *h)
{
    size_t size = 0;

    if ((h->flags & WLAN_TO_DS) && (h->flags & WLAN_FROM_DS)) {
        h->address[3] = reader_bytes(r, 6);
        size += 6;
    }
    if (h->subtype & WLAN_SUBTYPE_QOS) {
        h->is_aggregate = reader_u8(r) & WLAN_QOS_AMSDU;
        reader_skip(r, h->flags & WLAN_ORDER ? 5 : 1);
        size += h->flags & WLAN_ORDER ? 6 : 2;
    }
    return size;
}

/* Who sent it and who is to have it (IEEE 802.11 section 9.3.2.1). */
static void set_addresses(struct packet *p, const struct wlan_header *h)
{
    bool to_ds = h->flags & WLAN_TO_DS;
    bool from_ds = h->flags & WLAN_FROM_DS;
    struct bytes source = h->address[1];

    if (h->type == WLAN_DATA && from_ds)
        source = to_ds ? h->address[3] : h->address[2];
    bool is_relayed = h->type == WLAN_DATA && to_ds;
    p->source_mac = mac_of(source.data);
    p->destination_mac = mac_of(h->address[is_relayed ? 2 : 0].data);
    p->has_mac = true;
    p->layer = PACKET_LAYER_LINK;
}

/* A-MSDU: destination, source and size before each 802.2 frame; we read the
 * first of them. */
static enum layer decode_subframe(struct decoding *d)
{
    struct packet *p = d->packet;
    struct bytes destination = reader_bytes(&d->rest, 6);
    struct bytes source = reader_bytes(&d->rest, 6);
    uint16_t size = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_WLAN_TRUNCATED))
        return LAYER_END;
    p->destination_mac = mac_of(destination.data);
    p->source_mac = mac_of(source.data);
    if (!decoding_limit(d, size))
        decoding_anomaly(d, ANOMALY_ETHERNET_LENGTH);
    return LAYER_LLC;
}

static enum layer follow_wlan(struct decoding *d, const struct wlan_header *h)
{
    if (h->type != WLAN_DATA || (h->subtype & WLAN_SUBTYPE_EMPTY))
        return LAYER_END;
    if (h->flags & WLAN_PROTECTED) {
        d->decoder->counters.wlan_protected++;
        return LAYER_END;
    }
    if ((h->flags & WLAN_MORE_FRAGMENTS) || h->fragment != 0) {
        decoding_anomaly(d, ANOMALY_WLAN_FRAGMENT);
        return LAYER_END;
    }
    return h->is_aggregate ? decode_subframe(d) : LAYER_LLC;
}

static enum layer decode_wlan_with(struct decoding *d, uint8_t radiotap_flags)
{
    struct reader *r = &d->rest;
    struct wlan_header h = { 0 };
    uint8_t control = reader_u8(r);

    h.type = control >> 2 & 3;
    h.subtype = control >> 4;
    h.flags = reader_u8(r);
    if (reader_ok(r) && (control & 3) != 0) {
        decoding_anomaly(d, ANOMALY_WLAN_VERSION);
        return LAYER_END;
    }
    /* The other types are short and name a receiver at most. */
    if (reader_ok(r) && h.type != WLAN_DATA && h.type != WLAN_MANAGEMENT) {
        d->packet->layer = PACKET_LAYER_LINK;
        return LAYER_END;
    }
    reader_skip(r, 2);
    for (int i = 0; i < 3; i++)
        h.address[i] = reader_bytes(r, 6);
    h.fragment = (uint8_t)(reader_u16_le(r) & 0x0f);
    size_t size = h.type == WLAN_DATA ? read_data_fields(r, &h) : 0;
    if (radiotap_flags & RADIOTAP_FLAG_PADDED)
        reader_skip(r, (4 - (24 + size) % 4) % 4);
    if (!decoding_is_whole(d, ANOMALY_WLAN_TRUNCATED))
        return LAYER_END;
    set_addresses(d->packet, &h);
    size_t body = reader_left(r) + d->missing;
    if ((radiotap_flags & RADIOTAP_FLAG_FCS) &&
        (body < 4 || !decoding_limit(d, body - 4)))
        decoding_anomaly(d, ANOMALY_WLAN_TRUNCATED);
    return follow_wlan(d, &h);
}
