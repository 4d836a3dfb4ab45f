"""One message to oneself with Eclipse Paho over a signed WebSocket.

paho_flow.py URL 3|4|5 SUBPROTOCOL CA_FILE TOPIC MESSAGE

Version 3 says `MQIsdp` in its CONNECT, as Amplify's PubSub does. Prints the message that came back.
"""

import sys
from urllib.parse import urlsplit

import paho.mqtt.client as paho

address, version, subprotocol, ca, topic, message = sys.argv[1:7]
url = urlsplit(address)
client = paho.Client(
    paho.CallbackAPIVersion.VERSION2,
    client_id=f"paho-{version}-{subprotocol}",
    protocol=int(version),
    transport="websockets",
    reconnect_on_failure=False,
)
client.ws_set_options(path=f"{url.path}?{url.query}", headers={"Sec-Websocket-Protocol": subprotocol})
if url.scheme == "wss":
    client.tls_set(ca_certs=ca)
failures = []


def connected(client, data, flags, reason, properties):
    if reason.is_failure:
        failures.append(str(reason))
        client.disconnect()
    else:
        client.subscribe(topic, qos=1)


def received(client, data, packet):
    print(packet.payload.decode(), flush=True)
    client.disconnect()


client.on_connect = connected
client.on_subscribe = lambda client, data, identifier, reasons, properties: client.publish(topic, message, qos=1)
client.on_message = received
client.connect(url.hostname, url.port)
client.loop_forever()
if failures:
    sys.exit("; ".join(failures))
