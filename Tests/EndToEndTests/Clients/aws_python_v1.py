"""A device and an app with the first AWSIoTPythonSDK: it signs for `iotdata` and 86400 s, Host without the port.

aws_python_v1.py PORT CA_FILE THING [SESSION_TOKEN]

It takes no other host names than those of AWS, so the name below has to be an alias of the broker's certificate; within
this process it is the loopback address. Prints one JSON object a line; times within a minute of the clock as "now".
"""

import json
import queue
import re
import socket
import sys
import time
from types import SimpleNamespace

from AWSIoTPythonSDK.core.shadow import shadowManager
from AWSIoTPythonSDK.MQTTLib import AWSIoTMQTTShadowClient

HOST = "sundial-ats.iot.eu-west-1.amazonaws.com"
DEADLINE_SECONDS = 30
port, ca, thing = sys.argv[1:4]
token = sys.argv[4] if len(sys.argv) > 4 else ""
issued = []
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: resolve("127.0.0.1" if host == HOST else host, *more, **named)
# After each SUBACK the SDK sleeps for two seconds more, which nothing here waits for.
shadowManager.time = SimpleNamespace(sleep=lambda seconds: None)


class Party:
    """One connection with its handle on the shadow, and what it heard."""

    def __init__(self, name):
        self.name = name
        self.heard = queue.Queue()
        self.client = AWSIoTMQTTShadowClient(name, useWebsocket=True)
        self.client.configureEndpoint(HOST, int(port))
        self.client.configureCredentials(ca)
        self.client.configureIAMCredentials("test", "test", token)
        self.client.configureConnectDisconnectTimeout(DEADLINE_SECONDS)
        assert self.client.connect()
        self.shadow = self.client.createShadowHandlerWithName(thing, True)

    def hear(self, payload, status, token):
        self.heard.put((payload, status, token))

    def ask(self, call, *arguments):
        issued.append(call(*arguments, self.hear, DEADLINE_SECONDS))
        self.say(issued[-1])

    def say(self, expected=None):
        """Prints what came, the token of the last request as "ours". The SDK hands out a token with answers alone."""
        payload, status, token = self.heard.get(timeout=DEADLINE_SECONDS)
        assert token == expected, f"{token} is not {expected}"
        text = re.sub(r'"timestamp":(\d+)', lambda found: self.time(found[0], int(found[1])), payload)
        print(f'{{"to":"{self.name}","status":"{status}","payload":{text.replace(issued[-1], "ours")}}}', flush=True)

    @staticmethod
    def time(found, seconds):
        return '"timestamp":"now"' if abs(time.time() - seconds) < 60 else found


device, app = Party("device"), Party("app")
app.ask(app.shadow.shadowGet)
device.shadow.shadowRegisterDeltaCallback(device.hear)
app.ask(app.shadow.shadowUpdate, '{"state":{"desired":{"mode":"eco"}}}')
device.say()
device.ask(device.shadow.shadowUpdate, '{"state":{"reported":{"mode":"eco"}}}')
app.ask(app.shadow.shadowGet)
app.ask(app.shadow.shadowUpdate, '{"state":{"desired":{"mode":"off"}},"version":1}')
app.ask(app.shadow.shadowDelete)
app.ask(app.shadow.shadowGet)
for party in (device, app):
    assert party.heard.empty()
    assert party.client.disconnect()
