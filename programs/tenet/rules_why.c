/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_why.h"

#include <stdio.h>

#include "base/writer.h"
#include "capture/capture.h"
#include "command.h"
#include "detect/signature/why.h"
#include "engine/engine.h"
#include "event/event.h"

struct trial {
    const struct signature *set;
    struct engine *engine;
    struct capture *capture;
    struct failure failure;
};

static const struct rule *find_rule(const struct signature *set, uint32_t gid,
                                    uint32_t sid)
{
    for (size_t i = 0; i < signature_rule_count(set); i++) {
        const struct rule *rule = signature_rule(set, i);
        if (rule->sid == sid && (gid == 0 || rule->gid == gid))
            return rule;
    }
    return NULL;
}

static int run_capture(struct trial *trial, const char *path,
                       const struct rule *rule)
{
    struct engine_options options = {
        .key = { 0x74656e6574, 0x31 },
        .signature = trial->set,
    };
    struct capture_options capture = { 0 };
    struct frame frame;
    int result = capture_open(&path, 1, &capture, &trial->capture,
                              &trial->failure);

    if (result < 0)
        return result;
    if (capture_is_live(trial->capture))
        return failure_set(&trial->failure, ERROR_UNSUPPORTED,
                           "this reads captures, not a network");
    trial->engine = engine_new(&options);
    (void)engine_ask_why(trial->engine, rule->gid, rule->sid);
    while ((result = capture_next(trial->capture, &frame,
                                  &trial->failure)) > 0)
        engine_frame(trial->engine, trial->capture, &frame);
    engine_finish(trial->engine, trial->capture);
    return result;
}

static void write_flow(struct writer *out, const struct rule *rule,
                       const struct why_flow *flow)
{
    char first[IP_TEXT_SIZE];
    char second[IP_TEXT_SIZE];
    char protocol[16];

    if (flow->flow == 0)
        writer_text(out, "packets without a flow: ");
    else
        writer_format(out, "%s %s port %u to %s port %u: ",
                      event_protocol_text(flow->protocol, protocol),
                      ip_text(flow->address[0], first), flow->port[0],
                      ip_text(flow->address[1], second), flow->port[1]);
    why_describe(rule, flow->note, out);
    writer_byte(out, '\n');
}

static bool write_flows(struct writer *out, const struct rule *rule,
                        const struct why *why)
{
    bool alerted = false;

    for (size_t i = 0; i < why->count; i++) {
        write_flow(out, rule, &why->flows[i]);
        alerted |= why->flows[i].note.stage == WHY_ALERT;
    }
    if (why->count == 0)
        writer_text(out, "nothing that it looks into was there\n");
    if (why->dropped > 0)
        writer_format(out, "%llu more flows are not listed\n",
                      (unsigned long long)why->dropped);
    return alerted;
}

int rules_why(const struct signature *set, uint32_t gid, uint32_t sid,
              const char *capture)
{
    struct trial trial = { .set = set };
    const struct rule *rule = find_rule(set, gid, sid);
    struct writer out;
    int status = EXIT_UNREADABLE;

    if (!rule) {
        failure_set(&trial.failure, ERROR_FORMAT, "no rule with the sid %u",
                    sid);
        return command_fail(&trial.failure, EXIT_FOUND);
    }
    command_output(&out, stdout);
    if (run_capture(&trial, capture, rule) < 0) {
        status = command_fail(&trial.failure, EXIT_UNREADABLE);
    } else {
        bool alerted = write_flows(&out, rule, engine_why(trial.engine));
        status = command_print(&out, alerted ? EXIT_NOTHING : EXIT_FOUND);
    }
    writer_clear(&out);
    engine_free(trial.engine);
    capture_free(trial.capture);
    return status;
}
