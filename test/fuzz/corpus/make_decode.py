#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the corpus of fuzz_decode: one made-up frame or two a file."""
import pathlib
import struct

LINKS = [1, 0, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 119, 127, 163, 192,
         228, 229, 276, 195, 65535]
IP6 = '20010db8000000000000000000000001' '20010db8000000000000000000000002'
ETHER = '02000000000b02000000000a'
TCP = '9c400050000000000000000050100000' '00000000'
UDP = '9c4000350008' '0000'
SYN = ('9c40005000000000000000008002ffff00000000'
       '020405b40103030701010402')


def ipv4(protocol, payload, fragment=0):
    size = 20 + len(payload) // 2
    return (f'4500{size:04x}0001{fragment:04x}40{protocol:02x}0000'
            f'c0000201c0000202{payload}')


def ipv6(protocol, payload):
    return f'60000000{len(payload) // 2:04x}{protocol:02x}40{IP6}{payload}'


def udp(port, payload):
    return f'9c40{port:04x}{8 + len(payload) // 2:04x}0000{payload}'


INNER = ETHER + '0800' + ipv4(6, TCP)
CASES = {
    'tcp4': (1, [ETHER + '0800' + ipv4(6, SYN)]),
    'tcp6': (1, [ETHER + '86dd' + ipv6(6, TCP)]),
    'vlan': (1, [ETHER + '88a8000181000002' + '0800' + ipv4(17, UDP)]),
    'arp': (1, [ETHER + '08060001080006040001' + '02' * 20]),
    'snap': (1, [ETHER + '0030aaaa030000000800' + ipv4(6, TCP)]),
    'pppoe': (1, [ETHER + '88641100000100' + '2a0021' + ipv4(6, TCP)]),
    'mpls': (1, [ETHER + '88470001004000011140' + ipv4(6, TCP)]),
    'mpls-ethernet': (1, [ETHER + '88470001114000000000' + INNER]),
    'options4': (228, ['4700003000000000400600' '00c0000201c0000202'
                       '0707040000000000' + TCP]),
    'extensions6': (229, [ipv6(0, '3c00050200000100' '2b00040101010100'
                               '3b00030000000000')]),
    'fragments4': (228, [ipv4(17, udp(53, '00' * 16)[:32], 0x2000),
                         ipv4(17, '00' * 16, 2)]),
    'fragments6': (229, [ipv6(44, '1100000100000007' + udp(53, '00' * 8)),
                         ipv6(44, '1100001000000007' + '00' * 16)]),
    'teardrop': (228, [ipv4(17, '00' * 32, 0x2000), ipv4(17, '00' * 4, 3)]),
    'icmp-quote': (228, [ipv4(1, '0301000000000000' + ipv4(6, TCP))]),
    'icmp6-quote': (229, [ipv6(58, '0100000000000000' + ipv6(6, TCP))]),
    'gre': (228, [ipv4(47, '200008000000' '0001' + ipv4(6, TCP))]),
    'pptp': (228, [ipv4(47, '3001880b002c000100000000ff030021'
                        + ipv4(6, TCP))]),
    'erspan2': (228, [ipv4(47, '100088be000000001001000000000000' + INNER)]),
    'erspan3': (228, [ipv4(47, '100022eb0000000020010000' '00000000'
                           '00000001' '0000000000000000' + INNER)]),
    'vxlan': (228, [ipv4(17, udp(4789, '0800000000000100' + INNER))]),
    'geneve': (228, [ipv4(17, udp(6081, '0100655800000100' '00000000'
                                  + INNER))]),
    'teredo': (228, [ipv4(17, udp(3544, '000100000000000000000000' '00'
                                  '0000ffff3ffffdfe' + ipv6(6, TCP)))]),
    'six-in-four': (228, [ipv4(41, ipv6(6, TCP))]),
    'jumbo': (229, ['600000000000' '0040' + IP6 + '1100c20400011170'
                    '0001000200000000' + '00' * 64]),
    'null': (0, ['02000000' + ipv4(6, TCP)]),
    'ppp': (9, ['ff030021' + ipv4(6, TCP)]),
    'cooked': (113, ['00000001000602000000000a00000800' + ipv4(6, TCP)]),
    'cooked2': (276, ['08000000000000020001000602000000000a0000'
                      + ipv4(6, TCP)]),
    'wlan': (105, ['88020000' '02000000000b' '020000000001' '02000000000a'
                   '0000' '0000' 'aaaa030000000800' + ipv4(6, TCP)]),
    'radiotap': (127, ['00000900020000' '0030' '88020000' '02000000000b'
                       '020000000001' '02000000000a' '0000' '0000' '0000'
                       'aaaa030000000800' + ipv4(6, TCP) + '00000000']),
    'ppi': (192, ['0000080001000000' + INNER]),
}


def main():
    folder = pathlib.Path(__file__).parent / 'decode'
    folder.mkdir(exist_ok=True)
    for name, (link, frames) in CASES.items():
        data = bytes([LINKS.index(link) | 0x80])
        for text in frames:
            frame = bytes.fromhex(text)
            data += struct.pack('>HB', len(frame), 0) + frame
        (folder / name).write_bytes(data)


main()
