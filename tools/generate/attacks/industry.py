# SPDX-License-Identifier: Apache-2.0
"""Hands on machines: Modbus, BACnet and MQTT spoken by those who have no business to."""

from generate.attacks.implied import answers_outside, note_all
from generate.link import arp_exchange
from generate.protocols import modbus, mqtt
from generate.sessions import conversation
from generate.timeline import SECOND, ordered

_ILLEGAL_ADDRESS = 2


def modbus_intruder(scene, ask):
    """
    A device that is no controller looks for Modbus units, reads what there is, and
    writes registers.
    """
    actor, meter = ask.foe("from", "intruder.example"), ask.host("to")
    actor = actor if ask.actor is None else ask.actor
    units, writes = ask.get("units", 16), ask.get("writes", 12)
    found = scene.truth("modbus-scan", "harm", f"asks {units} Modbus units", actor, meter)
    wrote = scene.truth("modbus-write", "harm", f"{writes} registers written", actor, meter)
    talk = conversation(scene.home, actor, meter, 502, ask.at + 5000).open()
    for unit in range(1, units + 1):
        talk.client(modbus.read_request(unit, unit, 0, 1), after=120000)
        talk.server(modbus.refusal(unit, unit, _ILLEGAL_ADDRESS) if unit > 1
                    else modbus.read_response(unit, unit, [2301]), after=6000)
    frames = [] if actor.remote else arp_exchange(actor, meter, ask.at)
    outside = answers_outside(scene, actor, meter, "modbus")
    frames = note_all(frames + talk.close().timeline(), found, outside)
    talk = conversation(scene.home, actor, meter, 502, talk.clock + SECOND).open()
    for number in range(writes):
        order = modbus.write(number, 1, 40 + number, ask.chance.below(65536))
        talk.client(order, after=300000).server(order, after=6000)
    return ordered(frames + note_all(talk.close().timeline(), wrote, outside))


def mqtt_listener(scene, ask):
    """A stranger subscribes to everything at a broker that asks for no password."""
    stranger, broker = ask.foe("from", "listener.example"), ask.host("to")
    truth = scene.truth("exposed-service", "notice", "an MQTT broker open to the internet",
                        stranger, broker)
    talk = conversation(scene.home, stranger, broker, 1883, ask.at).open()
    talk.client(mqtt.connect("mqtt-explorer-" + ask.chance.hex(6))).server(mqtt.CONNACK)
    talk.client(mqtt.subscribe(1, "#")).server(mqtt.suback(1))
    for number in range(ask.get("messages", 20)):
        text = f'{{"n":{number},"on":true}}'
        talk.server(mqtt.publish(f"home/device{number % 5}/state", text), after=900000)
    return truth.note(talk.client(mqtt.DISCONNECT).close().timeline())


ACTIVITIES = {"modbus-intruder": modbus_intruder, "mqtt-listener": mqtt_listener}
