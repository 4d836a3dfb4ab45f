"""Updates a shadow with AWS's own SDK over a signed WebSocket and waits for the answer.

aws_sdk_shadow.py 4|5 PORT CA_FILE THING [SESSION_TOKEN]

The SDK's C core signs `connection;host`, and sends Host without the port. Prints one JSON object a line.
"""

import json
import sys
import threading

from awscrt import auth, mqtt, mqtt5
from awsiot import mqtt5_client_builder, mqtt_connection_builder

DEADLINE_SECONDS = 30
version, port, ca, thing = sys.argv[1:5]
token = sys.argv[5] if len(sys.argv) > 5 else None
update = f"$aws/things/{thing}/shadow/update"
document = json.dumps({"state": {"reported": {"temperature": 21.5}}, "clientToken": "sdk"})
answered = threading.Event()
settings = {
    "endpoint": "localhost",
    "port": int(port),
    "region": "eu-west-1",
    "credentials_provider": auth.AwsCredentialsProvider.new_static("test", "test", token),
    "ca_filepath": ca,
    "client_id": f"sdk-{version}-{thing}",
}


def say(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


def received(topic, payload):
    say("answer", topic=topic, payload=json.loads(payload))
    answered.set()


def with_mqtt_5():
    connected = threading.Event()
    failures = []

    def failed(data):
        failures.append(str(data.exception))
        connected.set()

    client = mqtt5_client_builder.websockets_with_default_aws_signing(
        on_publish_received=lambda data: received(data.publish_packet.topic, data.publish_packet.payload),
        on_lifecycle_connection_success=lambda data: connected.set(),
        on_lifecycle_connection_failure=failed,
        **settings,
    )
    client.start()
    if not connected.wait(DEADLINE_SECONDS):
        failures.append("no answer")
    if failures:
        client.stop()
        sys.exit("connect: " + "; ".join(failures))
    say("connected")
    filters = [mqtt5.Subscription(topic_filter=update + "/accepted", qos=mqtt5.QoS.AT_LEAST_ONCE)]
    client.subscribe(mqtt5.SubscribePacket(subscriptions=filters)).result(DEADLINE_SECONDS)
    client.publish(
        mqtt5.PublishPacket(topic=update, payload=document, qos=mqtt5.QoS.AT_LEAST_ONCE)
    ).result(DEADLINE_SECONDS)
    arrived = answered.wait(DEADLINE_SECONDS)
    client.stop()
    return arrived


def with_mqtt_311():
    connection = mqtt_connection_builder.websockets_with_default_aws_signing(clean_session=True, **settings)
    connection.connect().result(DEADLINE_SECONDS)
    say("connected")
    subscribed, _ = connection.subscribe(
        topic=update + "/accepted",
        qos=mqtt.QoS.AT_LEAST_ONCE,
        callback=lambda topic, payload, **_: received(topic, payload),
    )
    subscribed.result(DEADLINE_SECONDS)
    published, _ = connection.publish(topic=update, payload=document, qos=mqtt.QoS.AT_LEAST_ONCE)
    published.result(DEADLINE_SECONDS)
    arrived = answered.wait(DEADLINE_SECONDS)
    connection.disconnect().result(DEADLINE_SECONDS)
    return arrived


if not (with_mqtt_5() if version == "5" else with_mqtt_311()):
    sys.exit("no answer to the update")
say("ended")
