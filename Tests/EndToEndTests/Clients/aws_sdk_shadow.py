"""Updates a shadow with AWS's own SDK over a signed WebSocket and waits for the answer.

aws_sdk_shadow.py 4|5 PORT CA_FILE THING [SESSION_TOKEN]

The SDK's C core signs `connection;host`, and sends Host without the port. Prints one JSON object a line.
"""

import json
import sys
import threading

from awscrt import mqtt, mqtt5

from aws_connection import DEADLINE_SECONDS, connected

version, port, ca, thing = sys.argv[1:5]
token = sys.argv[5] if len(sys.argv) > 5 else None
update = f"$aws/things/{thing}/shadow/update"
document = json.dumps({"state": {"reported": {"temperature": 21.5}}, "clientToken": "sdk"})
answered = threading.Event()


def say(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


def received(topic, payload):
    say("answer", topic=topic, payload=json.loads(payload))
    answered.set()


def with_mqtt_5(client):
    filters = [mqtt5.Subscription(topic_filter=update + "/accepted", qos=mqtt5.QoS.AT_LEAST_ONCE)]
    client.subscribe(mqtt5.SubscribePacket(subscriptions=filters)).result(DEADLINE_SECONDS)
    client.publish(
        mqtt5.PublishPacket(topic=update, payload=document, qos=mqtt5.QoS.AT_LEAST_ONCE)
    ).result(DEADLINE_SECONDS)


def with_mqtt_311(connection):
    subscribed, _ = connection.subscribe(
        topic=update + "/accepted",
        qos=mqtt.QoS.AT_LEAST_ONCE,
        callback=lambda topic, payload, **_: received(topic, payload),
    )
    subscribed.result(DEADLINE_SECONDS)
    published, _ = connection.publish(topic=update, payload=document, qos=mqtt.QoS.AT_LEAST_ONCE)
    published.result(DEADLINE_SECONDS)


with connected(
    version, port, ca, f"sdk-{version}-{thing}", token,
    on_publish_received=lambda data: received(data.publish_packet.topic, data.publish_packet.payload),
) as client:
    say("connected")
    (with_mqtt_5 if version == "5" else with_mqtt_311)(client)
    if not answered.wait(DEADLINE_SECONDS):
        sys.exit("no answer to the update")
say("ended")
