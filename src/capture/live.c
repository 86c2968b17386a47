/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Live interfaces through AF_PACKET: each has a ring of blocks that it shares
 * with the kernel (TPACKET_V3, packet(7)). Frames are copied from there into
 * one history, and blocks are given back as soon as they have been read: the
 * kernel hands over a block every RING_RETIRE_MS even if it holds one frame,
 * so a quiet network's blocks would remember a second or two only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/memory.h"
#include "capture/history.h"
#include "capture/internal.h"

enum {
    RING_BLOCK_SIZE = 128 << 10, /* The kernel's largest frames are 64 KiB. */
    RING_BLOCKS = 64,            /* 3 s at a block every RING_RETIRE_MS. */
    RING_RETIRE_MS = 50,  /* A block is handed over after this at the latest. */
    VLAN_TAG_SIZE = 4,
    TPACKET_ADDRESS_OFFSET = (sizeof(struct tpacket3_hdr) + 15) & ~15u,
};

struct ring {
    int descriptor;
    uint8_t *memory;
    uint64_t sequence;    /* Of the block being read, from 0. */
    uint32_t frames_left; /* In the block being read. */
    uint32_t offset;      /* Of the next frame in it. */
    char name[IFNAMSIZ];
    uint16_t link_type;
    bool is_open_block;   /* The block being read is ours. */
    bool is_down;         /* Said to be, and no frame came since. */
    bool is_loopback;
    uint64_t drops;
};

struct live {
    struct ring *rings;
    size_t count;
    int waiter;           /* epoll over all sockets. */
    struct history *history;
    uint64_t frames;
    uint64_t bytes;
    uint64_t warnings;    /* Interfaces that went while others were left. */
    char warning[FAILURE_TEXT_MAX];
};

/* The block being read, or to be read next. */
static struct tpacket_block_desc *block_of(const struct ring *ring)
{
    void *block =
        ring->memory + ring->sequence % RING_BLOCKS * RING_BLOCK_SIZE;
    return block;
}

static struct tpacket3_hdr *header_at(const struct ring *ring)
{
    void *header = (uint8_t *)block_of(ring) + ring->offset;
    return header;
}

/* Every frame of the block has been read: the kernel may use it again. */
static void release(struct ring *ring)
{
    __atomic_store_n(&block_of(ring)->hdr.bh1.block_status, TP_STATUS_KERNEL,
                     __ATOMIC_RELEASE);
    ring->is_open_block = false;
    ring->sequence++;
}

/* Stand before a frame, if there is one. */
static bool has_frame(struct ring *ring)
{
    while (ring->frames_left == 0) {
        if (ring->is_open_block)
            release(ring);
        struct tpacket_block_desc *block = block_of(ring);
        if (!(__atomic_load_n(&block->hdr.bh1.block_status,
                              __ATOMIC_ACQUIRE) &
              TP_STATUS_USER))
            return false;
        ring->is_open_block = true;
        ring->frames_left = block->hdr.bh1.num_pkts;
        ring->offset = block->hdr.bh1.offset_to_first_pkt;
    }
    return true;
}

/* The kernel takes the outer VLAN tag out of the frame; put it back. The four
 * bytes before the frame are reserved for that. */
static struct bytes with_vlan(const struct tpacket3_hdr *header,
                              struct bytes data, uint8_t *start)
{
    uint16_t tpid = header->tp_status & TP_STATUS_VLAN_TPID_VALID
                        ? header->hv1.tp_vlan_tpid
                        : ETH_P_8021Q;
    uint16_t tag[2] = { htons(tpid), htons((uint16_t)header->hv1.tp_vlan_tci) };

    if (!(header->tp_status & TP_STATUS_VLAN_VALID) || data.size < 12)
        return data;
    memmove(start - VLAN_TAG_SIZE, start, 12);
    memcpy(start - VLAN_TAG_SIZE + 12, tag, sizeof tag);
    return bytes_of(start - VLAN_TAG_SIZE, data.size + VLAN_TAG_SIZE);
}

static bool is_own_echo(const struct ring *ring,
                        const struct tpacket3_hdr *header)
{
    const void *after = (const uint8_t *)header + TPACKET_ADDRESS_OFFSET;
    const struct sockaddr_ll *address = after;
    return ring->is_loopback && address->sll_pkttype == PACKET_OUTGOING;
}

static int64_t time_of(const struct tpacket3_hdr *header)
{
    return (int64_t)header->tp_sec * 1000000000 + header->tp_nsec;
}

static void step(struct ring *ring, const struct tpacket3_hdr *header)
{
    ring->offset += header->tp_next_offset;
    ring->frames_left--;
}

/* The ring whose next frame is the earliest; null when none has one. */
static struct ring *earliest(struct live *live)
{
    struct ring *best = NULL;

    for (size_t i = 0; i < live->count; i++) {
        struct ring *ring = &live->rings[i];
        while (has_frame(ring) && is_own_echo(ring, header_at(ring)))
            step(ring, header_at(ring));
        if (ring->frames_left > 0 &&
            (!best || time_of(header_at(ring)) < time_of(header_at(best))))
            best = ring;
    }
    return best;
}

/* An interface that was set down or taken away: its socket says so once. */
static int check_ring(const struct ring *ring, struct failure *failure)
{
    int code = 0;
    socklen_t size = sizeof code;
    struct ifreq request = { 0 };

    if (getsockopt(ring->descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
        code = errno;
    if (code == 0)
        return 0;
    memcpy(request.ifr_name, ring->name, sizeof request.ifr_name);
    bool is_gone = ioctl(ring->descriptor, SIOCGIFINDEX, &request) != 0;
    return failure_set(failure, -code, "%s: %s; no more packets come from it",
                       ring->name,
                       is_gone               ? "the interface has gone"
                       : code == ENETDOWN    ? "the interface is down"
                                             : strerror(code));
}

/*
 * One of several that went is a warning: it may come up again, and its socket
 * then goes on by itself. With the last one the capture ends.
 */
static int check_rings(struct live *live, struct failure *failure)
{
    struct failure why = { .text = "" };
    bool has_one_up = false;
    int result = 0;

    for (size_t i = 0; i < live->count; i++) {
        struct ring *ring = &live->rings[i];
        int code = check_ring(ring, &why);
        if (code < 0) {
            ring->is_down = true;
            result = code;
        }
        has_one_up |= !ring->is_down;
    }
    if (result == 0)
        return 0;
    if (!has_one_up)
        return failure_set(failure, result, "%s", why.text);
    live->warnings++;
    memcpy(live->warning, why.text, sizeof live->warning);
    return 0;
}

int live_next(struct live *live, struct frame *frame, struct failure *failure)
{
    struct ring *ring = earliest(live);

    if (!ring) {
        int result = check_rings(live, failure);
        return result < 0 ? result : -EAGAIN;
    }
    struct tpacket3_hdr *header = header_at(ring);
    uint8_t *start = (uint8_t *)header + header->tp_mac;
    struct bytes data = bytes_of(start, header->tp_snaplen);
    data = history_append(live->history, with_vlan(header, data, start));
    uint32_t grown = (uint32_t)data.size - header->tp_snaplen;
    *frame = (struct frame){
        .data = data,
        .mark = {
            .number = ++live->frames,
            .place = history_place(live->history, data.data),
            .time_ns = time_of(header),
            .captured_size = (uint32_t)data.size,
            .original_size = header->tp_len + grown,
            .link_type = ring->link_type,
            .interface = (uint16_t)(ring - live->rings),
        },
    };
    live->bytes += data.size;
    ring->is_down = false;
    step(ring, header);
    return 1;
}

int live_next_at_hand(struct live *live, struct frame *frame,
                      struct failure *failure)
{
    return earliest(live) ? live_next(live, frame, failure) : 0;
}

bool live_recall(const struct live *live, const struct frame_mark *mark,
                 struct frame *frame)
{
    struct bytes data;

    if (!history_recall(live->history, mark->place, mark->captured_size,
                        &data))
        return false;
    *frame = (struct frame){ .data = data, .mark = *mark };
    return true;
}

static int fail(struct failure *failure, const char *name, const char *what)
{
    int code = errno;
    bool is_denied = code == EPERM || code == EACCES;

    return failure_set(failure, -code, "%s: cannot %s: %s%s", name, what,
                       strerror(code),
                       is_denied ? " (run as root, or give the program "
                                   "CAP_NET_RAW)"
                                 : "");
}

/* LINKTYPE_ of an interface, by its hardware type. */
static uint16_t link_type_of(unsigned short hardware)
{
    switch (hardware) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
        return 1;
    case ARPHRD_IEEE80211_RADIOTAP:
        return 127;
    case ARPHRD_IEEE80211:
        return 105;
    default:
        return 101; /* Tunnels and the like: IP without a link header. */
    }
}

static int read_link_type(struct ring *ring, const char *name,
                          struct failure *failure)
{
    struct ifreq request = { 0 };

    memcpy(request.ifr_name, name, strlen(name));
    if (ioctl(ring->descriptor, SIOCGIFHWADDR, &request) != 0)
        return fail(failure, name, "ask what it is");
    ring->link_type = link_type_of(request.ifr_hwaddr.sa_family);
    ring->is_loopback = request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
    return 0;
}

static int set_filter(struct ring *ring, const char *name, const char *filter,
                      struct failure *failure)
{
    struct bpf_program program;
    int result = 0;

    if (!filter)
        return 0;
    pcap_t *dead = pcap_open_dead(ring->link_type == 1 ? DLT_EN10MB : DLT_RAW,
                                  CAPTURE_FRAME_MAX);
    if (!dead || pcap_compile(dead, &program, filter, 1,
                              PCAP_NETMASK_UNKNOWN) != 0) {
        result = failure_set(failure, -EINVAL, "filter '%s': %s", filter,
                             dead ? pcap_geterr(dead) : "no memory");
        if (dead)
            pcap_close(dead);
        return result;
    }
    struct sock_fprog kernel = {
        .len = (unsigned short)program.bf_len,
        .filter = (void *)program.bf_insns,
    };
    if (setsockopt(ring->descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &kernel,
                   sizeof kernel) != 0)
        result = fail(failure, name, "attach the filter");
    pcap_freecode(&program);
    pcap_close(dead);
    return result;
}

static int map_ring(struct ring *ring, const char *name,
                    struct failure *failure)
{
    int version = TPACKET_V3;
    int reserve = VLAN_TAG_SIZE;
    struct tpacket_req3 request = {
        .tp_block_size = RING_BLOCK_SIZE,
        .tp_block_nr = RING_BLOCKS,
        .tp_frame_size = TPACKET_ALIGNMENT << 7,
        .tp_frame_nr = RING_BLOCKS * (RING_BLOCK_SIZE /
                                      (TPACKET_ALIGNMENT << 7)),
        .tp_retire_blk_tov = RING_RETIRE_MS,
    };

    if (setsockopt(ring->descriptor, SOL_PACKET, PACKET_VERSION, &version,
                   sizeof version) != 0 ||
        setsockopt(ring->descriptor, SOL_PACKET, PACKET_RESERVE, &reserve,
                   sizeof reserve) != 0 ||
        setsockopt(ring->descriptor, SOL_PACKET, PACKET_RX_RING, &request,
                   sizeof request) != 0)
        return fail(failure, name, "set up the packet ring");
    void *memory = mmap(NULL, (size_t)RING_BLOCKS * RING_BLOCK_SIZE,
                        PROT_READ | PROT_WRITE, MAP_SHARED, ring->descriptor,
                        0);
    if (memory == MAP_FAILED)
        return fail(failure, name, "map the packet ring");
    ring->memory = memory;
    return 0;
}

static int start(struct ring *ring, const char *name, struct failure *failure)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)if_nametoindex(name),
    };
    struct packet_mreq all = {
        .mr_ifindex = address.sll_ifindex,
        .mr_type = PACKET_MR_PROMISC,
    };
    const void *bound = &address;

    /* Not every interface can be promiscuous; it is still worth reading. */
    (void)setsockopt(ring->descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                     &all, sizeof all);
    if (bind(ring->descriptor, bound, sizeof address) != 0)
        return fail(failure, name, "listen");
    return 0;
}

static int ring_open(struct ring *ring, const char *name,
                     const struct capture_options *options,
                     struct failure *failure)
{
    int result;

    if (strlen(name) >= IFNAMSIZ || if_nametoindex(name) == 0)
        return failure_set(failure, -ENODEV, "%s: there is no such interface",
                           name);
    memcpy(ring->name, name, strlen(name));
    ring->descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (ring->descriptor < 0)
        return fail(failure, name, "open a packet socket");
    result = read_link_type(ring, name, failure);
    if (result == 0)
        result = set_filter(ring, name, options->filter, failure);
    if (result == 0)
        result = map_ring(ring, name, failure);
    return result == 0 ? start(ring, name, failure) : result;
}

int live_open(const char *const *names, size_t count,
              const struct capture_options *options, struct live **live,
              struct failure *failure)
{
    struct live *made = memory_new(1, sizeof *made);
    int result = 0;

    made->rings = memory_new(count, sizeof *made->rings);
    made->history = history_new();
    made->waiter = epoll_create1(EPOLL_CLOEXEC);
    if (made->waiter < 0)
        result = fail(failure, names[0], "wait for packets");
    for (size_t i = 0; i < count && result == 0; i++) {
        struct epoll_event event = { .events = EPOLLIN };
        made->rings[i].descriptor = -1;
        made->count = i + 1;
        result = ring_open(&made->rings[i], names[i], options, failure);
        if (result == 0 && epoll_ctl(made->waiter, EPOLL_CTL_ADD,
                                     made->rings[i].descriptor, &event) != 0)
            result = fail(failure, names[i], "wait for packets");
    }
    if (result < 0) {
        live_free(made);
        return result;
    }
    *live = made;
    return 0;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    for (size_t i = 0; i < live->count; i++) {
        struct ring *ring = &live->rings[i];
        if (ring->memory)
            (void)munmap(ring->memory, (size_t)RING_BLOCKS * RING_BLOCK_SIZE);
        if (ring->descriptor >= 0)
            (void)close(ring->descriptor);
    }
    if (live->waiter >= 0)
        (void)close(live->waiter);
    history_free(live->history);
    free(live->rings);
    free(live);
}

int live_descriptor(const struct live *live)
{
    return live->waiter;
}

/* The kernel's counters start again with each reading. */
void live_read_status(struct live *live, struct capture_status *status)
{
    for (size_t i = 0; i < live->count; i++) {
        struct tpacket_stats_v3 stats = { 0 };
        socklen_t size = sizeof stats;
        if (getsockopt(live->rings[i].descriptor, SOL_PACKET,
                       PACKET_STATISTICS, &stats, &size) == 0)
            live->rings[i].drops += stats.tp_drops;
        status->kernel_drops += live->rings[i].drops;
    }
    status->frames = live->frames;
    status->bytes_read = live->bytes;
    status->warnings = live->warnings;
    memcpy(status->warning, live->warning, sizeof status->warning);
}
