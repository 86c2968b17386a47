/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Frames from wherever they come: pcap and pcapng files, either inside gzip or
 * zstd, standard input ("-"), a directory of captures in name order, or live
 * interfaces through AF_PACKET.
 *
 * The capture reads into a history of fixed blocks and hands out views into
 * it: no frame is copied. The blocks are reused in turn, so the last
 * CAPTURE_HISTORY_SIZE bytes read can still be recalled by mark; a finding's
 * evidence is taken from there.
 */
#include "base/error.h"
#include "capture/frame.h"

enum {
    CAPTURE_HISTORY_SIZE = 16 << 20, /* Bytes that can be recalled. */
    CAPTURE_FRAME_MAX = 256 << 10,   /* Largest frame; larger is an error. */
    CAPTURE_SOURCE_MAX = 64,         /* Interfaces named in one run. */
    CAPTURE_LAG_MS = 100, /* Live: a frame is handed over within this. */
};

struct capture;

struct capture_options {
    const char *filter;       /* BPF for live interfaces; null for all. */
    uint32_t snapshot_size;   /* Live: bytes kept a frame; 0 for all. */
};

struct capture_status {
    uint64_t frames;
    uint64_t bytes_read;      /* Of the file as stored, compressed or not. */
    uint64_t bytes_total;     /* 0 when not known. */
    uint64_t kernel_drops;    /* Live: frames the kernel had no room for. */
    uint64_t warnings;        /* Truncated tails and skipped blocks. */
    char warning[FAILURE_TEXT_MAX]; /* The latest, "" for none. */
};

/*
 * Open what the `count` names in `sources` say: one file, directory or "-", or
 * one or more live interfaces. 0 and the capture, which the caller frees; or
 * a negative error with its text in `failure`.
 */
int capture_open(const char *const *sources, size_t count,
                 const struct capture_options *options,
                 struct capture **capture, struct failure *failure) MUST_USE;

/* Read a capture file that lies in memory, which must stay. What is wrong with
 * it is in the status. */
struct capture *capture_of_memory(struct bytes memory);
void capture_free(struct capture *capture);

/*
 * The next frame: 1 and `*frame`; 0 at the end; -EAGAIN when a live capture
 * has nothing now (wait on capture_descriptor()); another negative error when
 * the input cannot be read further, with its text in `failure`.
 */
int capture_next(struct capture *capture, struct frame *frame,
                 struct failure *failure) MUST_USE;

/*
 * The next frames, as many as are at hand, at most `count_max`: their number,
 * or what capture_next() says of the first. It waits for the first only. All
 * of them are good until frames are asked for again.
 */
int capture_next_frames(struct capture *capture, struct frame *frames,
                        size_t count_max, struct failure *failure) MUST_USE;

/* Find a frame again; false when the history no longer holds it. */
bool capture_recall(const struct capture *capture,
                    const struct frame_mark *mark, struct frame *frame);

/* To wait on with poll() until frames come; -1 for files. */
int capture_descriptor(const struct capture *capture);
bool capture_is_live(const struct capture *capture);

/* Counters so far; also asks the kernel for its drops. */
void capture_read_status(struct capture *capture,
                         struct capture_status *status);
