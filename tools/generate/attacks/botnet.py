# SPDX-License-Identifier: Apache-2.0
"""Bots after the infection: Gafgyt's text, IRC, peers without a server, mining, beacons."""

import json

from generate.link import udp_frame
from generate.protocols import http, irc
from generate.sessions import begin_with_lookup, certificate_truth, conversation, tls_visit
from generate.home import Host
from generate.timeline import SECOND, ordered, overlapping
from generate.attacks.raw import random_public


def gafgyt(scene, ask):
    """
    Gafgyt (Bashlite, Qbot): the bot says its build, the server says PING and commands
    that begin with "!*". commands is a list of {at, say}, with an optional answer.
    """
    bot, server = ask.need_actor(), ask.foe("to", "gafgyt-cnc.example")
    arch, every = ask.get("arch", "MIPSEL"), ask.micros("every", 60)
    orders = ask.get("commands", [{"at": 20, "say": "!* SCANNER ON"}])
    truth = scene.truth("gafgyt-c2", "harm", "Gafgyt's command channel", bot, server)
    talk = conversation(scene.home, bot, server, ask.get("port", 6667), ask.at).open()
    talk.client(f"BUILD {arch}\n".encode())
    agenda = [(m + every, "PING", "PONG") for m in ask.every(every) if m + every < ask.end]
    agenda += [(ask.at + int(o["at"] * SECOND), o["say"], o.get("answer", "")) for o in orders]
    for moment, said, answer in sorted(agenda):
        talk.until(moment).server(f"{said}\n".encode())
        if answer:
            talk.client(f"{answer}\n".encode(), after=20000)
    return truth.note(talk.timeline())


def irc_bot(scene, ask):
    """A bot that lives in a channel, its orders in the topic and in private messages."""
    bot, server = ask.need_actor(), ask.foe("to", "irc.example")
    nick = ask.get("nick", "") or f"[MIPS|{ask.chance.letters(2).upper()}]{ask.chance.hex(6)}"
    channel, topic = ask.get("channel", "#x0x"), ask.get("topic", ".advscan telnet 100 3 0 -r -b")
    every, name = ask.micros("every", 90), server.name
    truth = scene.truth("irc-bot", "harm", "a bot in an IRC channel", bot, server)
    frames, at = begin_with_lookup(scene.home, bot, server, ask.at)
    talk = conversation(scene.home, bot, server, ask.get("port", 6667), at).open()
    talk.client(irc.lines(f"NICK {nick}", f"USER {ask.chance.letters(6)} localhost localhost :"
                          f"{ask.chance.letters(8)}"))
    talk.server(irc.lines(irc.numeric(name, "001", nick, ":Welcome"),
                          irc.numeric(name, "422", nick, ":MOTD File is missing")))
    talk.client(irc.lines(f"MODE {nick} -xi", f"JOIN {channel} :secret"))
    talk.server(irc.lines(f":{nick}!x@host JOIN :{channel}",
                          irc.numeric(name, "332", f"{nick} {channel}", f":{topic}"),
                          irc.numeric(name, "366", f"{nick} {channel}", ":End of /NAMES list.")))
    for number, moment in enumerate(ask.every(every)):
        talk.until(moment + every)
        talk.server(irc.lines(f"PING :{name}")).client(irc.lines(f"PONG :{name}"))
        if number == 1:
            order = ask.get("order", ".udp 203.0.113.9 80 60")
            talk.server(irc.lines(f":boss!b@h PRIVMSG {channel} :{order}"), after=900000)
            talk.client(irc.lines(f"PRIVMSG {channel} :[UDP] flooding started"), after=90000)
    return frames + truth.note(talk.timeline())


def peer_bot(scene, ask):
    """
    A bot without a server (Mozi, Hajime): BitTorrent's DHT spoken with many peers, of
    which some answer.
    """
    bot, gap = ask.need_actor(), SECOND / ask.get("rate", 4)
    count, answered = ask.get("peers", 300), ask.get("answered", 0.35)
    truth = scene.truth("p2p-bot", "harm", "DHT words with many peers", bot)
    own, chance, source = ask.chance.bytes(20), ask.chance, ask.get("port", 14737)
    frames = []
    for number in range(count):
        moment = ask.at + int(number * gap)
        if moment >= ask.end:
            break
        address, _ = random_public(chance)
        turn = chance.between(20000, 250000)
        peer = Host("peer", scene.home.gateway.mac, address.to_bytes(4, "big"), ttl=50, turn=turn)
        ports, tag = (source, chance.between(1025, 65000)), chance.bytes(4)
        asked = b"d1:ad2:id20:" + own + b"6:target20:" + chance.bytes(20) \
            + b"e1:q9:find_node1:t4:" + tag + b"1:v4:flag1:y1:qe"
        frames.append((moment, udp_frame(bot, peer, ports, asked)))
        if chance.happens(answered):
            told = b"d1:rd2:id20:" + chance.bytes(20) + b"5:nodes208:" + chance.bytes(208) \
                + b"e1:t4:" + tag + b"1:y1:re"
            frames.append((moment + turn, udp_frame(peer, bot, ports[::-1], told)))
    return truth.note(ordered(frames))


def mining(scene, ask):
    """
    Stratum: coin xmr logs in by JSON, eth by eth_submitLogin, btc by mining.subscribe;
    work comes, shares go.
    """
    miner, pool = ask.need_actor(), ask.host("to", "pool.miner.example")
    coin, every = ask.get("coin", "xmr"), ask.micros("every", 20)
    truth = scene.truth("crypto-mining", "harm", f"Stratum mining of {coin}", miner, pool)
    frames, at = begin_with_lookup(scene.home, miner, pool, ask.at)
    talk = conversation(scene.home, miner, pool, ask.get("port", 3333), at).open()
    wallet = "4" + ask.chance.hex(94) if coin == "xmr" else "0x" + ask.chance.hex(40)
    begin, work, share = {"xmr": _xmr, "eth": _eth, "btc": _btc}[coin](ask, wallet)
    talk.client(begin.encode()).server(work().encode(), after=pool.turn)
    for number, moment in enumerate(ask.every(every, 0.4)):
        talk.until(moment + every)
        if number % 3 == 2:
            talk.server(work().encode())
        talk.client(share(number).encode())
        talk.server(f'{{"id":{number + 2},"jsonrpc":"2.0","result":{{"status":"OK"}}}}\n'.encode(),
                    after=pool.turn)
    return frames + truth.note(talk.timeline())


def _xmr(ask, wallet):
    job = ask.chance
    begin = ('{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"' + wallet + '",'
             '"pass":"x","agent":"XMRig/6.18.0 (Linux armv7l) libuv/1.44.2 gcc/9.3.0",'
             '"algo":["rx/0","cn/r"]}}\n')

    def work():
        return ('{"jsonrpc":"2.0","method":"job","params":{"blob":"' + job.hex(152)
                + f'","job_id":"{job.hex(15)}","target":"b88d0600","algo":"rx/0"' + '}}\n')

    def share(number):
        return (f'{{"id":{number + 2},"jsonrpc":"2.0","method":"submit","params":{{"id":"1",'
                f'"job_id":"{job.hex(15)}","nonce":"{job.hex(8)}","result":"{job.hex(64)}"}}}}\n')
    return begin, work, share


def _eth(ask, wallet):
    job = ask.chance
    begin = ('{"id":1,"jsonrpc":"2.0","method":"eth_submitLogin","params":["' + wallet
             + '","x"],"worker":"cam1"}\n{"id":2,"jsonrpc":"2.0","method":"eth_getWork",'
             '"params":[]}\n')

    def work():
        return (f'{{"id":0,"jsonrpc":"2.0","result":["0x{job.hex(64)}","0x{job.hex(64)}",'
                f'"0x{job.hex(64)}"]}}\n')

    def share(number):
        return (f'{{"id":{number + 2},"jsonrpc":"2.0","method":"eth_submitWork","params":['
                f'"0x{job.hex(16)}","0x{job.hex(64)}","0x{job.hex(64)}"]}}\n')
    return begin, work, share


def _btc(ask, wallet):
    job = ask.chance
    begin = ('{"id": 1, "method": "mining.subscribe", "params": ["cpuminer/2.5.1"]}\n'
             '{"id": 2, "method": "mining.authorize", "params": ["' + wallet + '.cam1", "x"]}\n')

    def work():
        return ('{"params": ["' + job.hex(8) + f'", "{job.hex(64)}", "{job.hex(120)}", '
                f'"{job.hex(60)}", ["{job.hex(64)}"], "20000000", "1a0ffff0", "{job.hex(8)}", '
                'true], "id": null, "method": "mining.notify"}\n')

    def share(number):
        return (f'{{"params": ["{wallet}.cam1", "{job.hex(8)}", "{job.hex(8)}", "{job.hex(8)}", '
                f'"{job.hex(8)}"], "id": {number + 4}, "method": "mining.submit"}}\n')
    return begin, work, share


def mining_http(scene, ask):
    """Ethereum's older way: work is fetched and shares are sent by HTTP, as JSON."""
    miner, pool = ask.need_actor(), ask.host("to", "pool.miner.example")
    truth = scene.truth("crypto-mining", "harm", "mining over HTTP", miner, pool)
    frames, at = begin_with_lookup(scene.home, miner, pool, ask.at)

    def one(number, moment):
        method = ("eth_getWork", "eth_submitWork")[number % 2]
        words = [f"0x{ask.chance.hex(64)}" for _ in range(3)]
        asked = json.dumps({"id": number, "jsonrpc": "2.0", "method": method,
                            "params": words if number % 2 else []})
        told = json.dumps({"id": number, "jsonrpc": "2.0",
                           "result": True if number % 2 else words})
        form = [("Content-Type", "application/json")]
        talk = conversation(scene.home, miner, pool, ask.get("port", 8545), moment).open()
        talk.client(http.request("POST", "/rig", pool.name, form, asked.encode()), after=900)
        talk.server(http.response(200, form, told.encode()), after=pool.turn)
        return talk.close().timeline()
    rounds = enumerate(m for m in ask.every(ask.micros("every", 5), 0.2) if m >= at)
    return ordered(frames + truth.note(list(overlapping(one(n, m) for n, m in rounds))))


def beacon(scene, ask):
    """
    A short connection to a host that nobody knows, at fixed intervals with a little
    jitter: the shape of a waiting implant. over is tls, tcp or udp.
    """
    bot, server = ask.need_actor(), ask.foe("to", "update-check.example")
    every, jitter, over = ask.micros("every", 60), ask.get("jitter", 0.05), ask.get("over", "tls")
    port, size = ask.get("port", 443), ask.get("size", 96)
    truth = scene.truth("beacon", "harm", f"a word every {every // SECOND} s over {over}", bot,
                        server)

    def one(moment):
        if over == "udp":
            ports = (ask.chance.port(), port)
            return [(moment, udp_frame(bot, server, ports, ask.chance.bytes(size))),
                    (moment + server.turn, udp_frame(server, bot, ports[::-1],
                                                     ask.chance.bytes(16)))]
        if over == "tcp":
            talk = conversation(scene.home, bot, server, port, moment).open()
            return talk.client(ask.chance.bytes(size)).server(b"\0\0").close().timeline()
        return tls_visit(scene.home, bot, server, moment, [(size, 32)], port=port, stack="bot",
                         lookup=False, certificate="self-signed")
    frames = truth.of(overlapping(one(moment) for moment in ask.every(every, jitter)))
    if over == "tls":
        return certificate_truth(scene, "self-signed", bot, server).of(frames)
    return frames


ACTIVITIES = {"gafgyt-c2": gafgyt, "irc-bot": irc_bot, "p2p-bot": peer_bot, "mining": mining,
              "mining-http": mining_http, "beacon": beacon}
