# SPDX-License-Identifier: Apache-2.0
"""
Turns recipes into captures, the same bytes every time. See data/recipes/README.md.

From the floor up, each using only what stands before it:

    chance      numbers that repeat
    packet      frames from fields;  pcap: the file;  timeline: time, merging, truths
    home        who is there;  link: frames between two of them;  tcp: conversations
    protocols/  payloads, one protocol a module
    scene       what an activity is given;  sessions: exchanges that many share
    routine/    what devices do when nothing is wrong, and what merely looks wrong
    attacks/    what is wrong, each with its truth
    recipe      all of it at its time;  generate: the command

kinds.toml says what the kinds of device are, exploits.toml how known holes are tried.
"""
