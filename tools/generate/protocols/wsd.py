# SPDX-License-Identifier: Apache-2.0
"""WS-Discovery, by which ONVIF cameras are found."""

GROUP, PORT = "239.255.255.250", 3702
_OPEN = ('<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/'
         'soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
         'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
         'xmlns:dn="http://www.onvif.org/ver10/network/wsdl">')
_ACTION = "http://schemas.xmlsoap.org/ws/2005/04/discovery/"


def probe(ident):
    """Who is a video transmitter."""
    return (f"{_OPEN}<e:Header><w:MessageID>uuid:{ident}</w:MessageID><w:To>urn:schemas-xmlsoap-"
            f"org:ws:2005:04:discovery</w:To><w:Action>{_ACTION}Probe</w:Action></e:Header><e:Body>"
            "<d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body>"
            "</e:Envelope>").encode()


def match(ident, device):
    """I am, and my service is there."""
    return (f"{_OPEN}<e:Header><w:RelatesTo>uuid:{ident}</w:RelatesTo><w:Action>{_ACTION}"
            "ProbeMatches</w:Action></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>"
            f"<w:EndpointReference><w:Address>urn:uuid:{device.mac.hex()}</w:Address>"
            "</w:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>"
            f"onvif://www.onvif.org/name/{device.name}</d:Scopes><d:XAddrs>http://{device.address}"
            "/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body>"
            "</e:Envelope>").encode()
