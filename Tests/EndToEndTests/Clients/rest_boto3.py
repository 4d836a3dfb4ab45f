"""Goes through every operation of the REST API with boto3, over https, and checks each answer and each class of error.

rest_boto3.py HTTPS_PORT MQTTS_PORT CA_FILE

A device beside it, over MQTT with TLS, has the connection that is looked at. Prints the name of each operation it has proved.
"""

import base64
import json
import queue
import ssl
import sys
import time
import urllib.request

import boto3
import paho.mqtt.client as mqtt
from botocore.config import Config
from botocore.exceptions import ClientError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

DEADLINE_SECONDS = 30
port, mqtts_port, ca = sys.argv[1:4]
settings = {
    "endpoint_url": f"https://localhost:{port}",
    "verify": ca,
    "region_name": "eu-west-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "config": Config(retries={"max_attempts": 1}, parameter_validation=False),
}
data = boto3.client("iot-data", **settings)
iot = boto3.client("iot", **settings)
received = queue.Queue()


def proved(operation):
    print(operation, flush=True)


def refused(error, call, **parameters):
    """The answer to a call that has to fail with exactly this class."""
    try:
        call(**parameters)
    except ClientError as caught:
        assert type(caught) is error, f"{type(caught)} {caught}"
        return caught.response
    raise AssertionError(f"{call} {parameters} was not refused")


def document(answer):
    return json.loads(answer["payload"].read())


def device(client_id, expiry):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
    client.tls_set(ca_certs=ca)
    client.on_message = lambda client, user, message: received.put(message)
    subscribed = queue.Queue()
    client.on_subscribe = lambda *facts: subscribed.put(facts)
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = expiry
    client.connect("localhost", int(mqtts_port), keepalive=60, clean_start=True, properties=properties)
    client.subscribe([(f"sensors/{number}", 1) for number in range(3)] + [("$aws/things/lamp/shadow/update/#", 1)])
    client.loop_start()
    subscribed.get(timeout=DEADLINE_SECONDS)
    return client


def shadows():
    errors = data.exceptions
    lamp = {"thingName": "lamp"}
    update = document(data.update_thing_shadow(**lamp, payload=b'{"state":{"desired":{"on":true}},"clientToken":"t"}'))
    assert update["version"] == 1 and update["clientToken"] == "t", update
    topics = [received.get(timeout=DEADLINE_SECONDS).topic.rsplit("/", 1)[1] for _ in range(3)]
    assert topics == ["accepted", "delta", "documents"], topics
    refused(errors.ConflictException, data.update_thing_shadow, **lamp, payload=b'{"state":{},"version":9}')
    answer = refused(errors.InvalidRequestException, data.update_thing_shadow, **lamp, payload=b"{")
    assert answer["Error"]["Message"] == "Payload contains invalid json", answer
    large = json.dumps({"state": {"desired": {"x": "x" * 9000}}}).encode()
    refused(errors.RequestEntityTooLargeException, data.update_thing_shadow, **lamp, payload=large)
    refused(errors.RequestEntityTooLargeException, data.update_thing_shadow, **lamp, payload=b" " * 200_000)
    refused(errors.UnsupportedDocumentEncodingException, data.update_thing_shadow, **lamp, payload=b'{"state":"\xff"}')
    proved("UpdateThingShadow")

    state = document(data.get_thing_shadow(**lamp))["state"]
    assert state == {"desired": {"on": True}, "delta": {"on": True}}, state
    answer = refused(errors.ResourceNotFoundException, data.get_thing_shadow, **lamp, shadowName="none")
    assert answer["Error"]["Message"] == "No shadow exists with name: 'lamp~none'", answer
    refused(errors.InvalidRequestException, data.get_thing_shadow, thingName="no lamp")
    url = data.generate_presigned_url("get_thing_shadow", Params={"thingName": "lamp"})
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=ca)) as answer:
        assert json.load(answer)["version"] == 1
    proved("GetThingShadow")

    for number in range(5):
        data.update_thing_shadow(**lamp, shadowName=f"n{number}", payload=b'{"state":{}}')
    names, token = [], {}
    while token is not None:
        page = data.list_named_shadows_for_thing(**lamp, pageSize=2, **token)
        names += page["results"]
        token = {"nextToken": page["nextToken"]} if "nextToken" in page else None
    assert names == ["n0", "n1", "n2", "n3", "n4"], names
    refused(errors.InvalidRequestException, data.list_named_shadows_for_thing, **lamp, nextToken="made up")
    proved("ListNamedShadowsForThing")

    deleted = document(data.delete_thing_shadow(**lamp))
    assert deleted["version"] == 1, deleted
    refused(errors.ResourceNotFoundException, data.delete_thing_shadow, **lamp)
    proved("DeleteThingShadow")


def messages():
    errors = data.exceptions
    data.publish(
        topic="sensors/1", qos=1, retain=True, payload=b"\x00\x01", contentType="application/octet-stream", responseTopic="re/ply",
        userProperties=[{"unit": "m"}, {"unit": "s"}], payloadFormatIndicator="UNSPECIFIED_BYTES",
        correlationData=base64.b64encode(b"7").decode(), messageExpiry=60,
    )
    message = received.get(timeout=DEADLINE_SECONDS)
    assert (message.topic, message.payload, message.qos) == ("sensors/1", b"\x00\x01", 1), message
    assert message.properties.UserProperty == [("unit", "m"), ("unit", "s")], message.properties
    assert message.properties.ContentType == "application/octet-stream", message.properties
    assert message.properties.ResponseTopic == "re/ply", message.properties
    assert message.properties.CorrelationData == b"7", message.properties
    assert message.properties.MessageExpiryInterval == 60, message.properties
    refused(errors.InvalidRequestException, data.publish, topic="a/#", payload=b"")
    refused(errors.InvalidRequestException, data.publish, topic="a", qos=2, payload=b"")
    proved("Publish")

    kept = data.get_retained_message(topic="sensors/1")
    assert (kept["payload"], kept["qos"]) == (b"\x00\x01", 1), kept
    assert json.loads(kept["userProperties"]) == [{"unit": "m"}, {"unit": "s"}], kept
    assert abs(kept["lastModifiedTime"] / 1000 - time.time()) < 60, kept
    refused(errors.ResourceNotFoundException, data.get_retained_message, topic="sensors/2")
    proved("GetRetainedMessage")

    data.publish(topic="other", retain=True, payload=b"abc")
    topics = []
    for page in data.get_paginator("list_retained_messages").paginate(maxResults=1):
        topics += [(kept["topic"], kept["payloadSize"]) for kept in page["retainedTopics"]]
    assert topics == [("other", 3), ("sensors/1", 2)], topics
    proved("ListRetainedMessages")


def connections(client):
    errors = data.exceptions
    shown = data.get_connection(clientId="dev/1", includeSocketInformation=True)
    assert shown["connected"] and not shown["cleanSession"], shown
    assert (shown["keepAliveDuration"], shown["sessionExpiry"]) == (60, 300), shown
    assert shown["targetPort"] == int(mqtts_port) and shown["sourceIp"] in ("127.0.0.1", "::1"), shown
    refused(errors.ResourceNotFoundException, data.get_connection, clientId="nobody")
    refused(errors.InvalidRequestException, data.get_connection, clientId="$own")
    proved("GetConnection")

    filters, token = [], {}
    while token is not None:
        page = data.list_subscriptions(clientId="dev/1", maxResults=3, **token)
        filters += [(entry["topicFilter"], entry["qos"]) for entry in page["subscriptions"]]
        token = {"nextToken": page["nextToken"]} if "nextToken" in page else None
    assert filters == [("$aws/things/lamp/shadow/update/#", 1)] + [(f"sensors/{number}", 1) for number in range(3)], filters
    refused(errors.ResourceNotFoundException, data.list_subscriptions, clientId="nobody")
    proved("ListSubscriptions")

    sent = data.send_direct_message(clientId="dev/1", topic="only/you", payload=b"hi", confirmation=True)
    assert sent["message"] == "OK" and sent["traceId"], sent
    message = received.get(timeout=DEADLINE_SECONDS)
    assert (message.topic, message.payload) == ("only/you", b"hi"), message
    refused(errors.ResourceNotFoundException, data.send_direct_message, clientId="nobody", topic="t", payload=b"")
    proved("SendDirectMessage")

    client.on_disconnect = lambda *facts: client.disconnect()
    data.delete_connection(clientId="dev/1", cleanSession=True, preventWillMessage=True)
    client.loop_stop()
    shown = data.get_connection(clientId="dev/1")
    assert shown["connected"] is False and shown["disconnectReason"] == "API_INITIATED_DISCONNECT", shown
    refused(errors.ResourceNotFoundException, data.delete_connection, clientId="dev/1")
    proved("DeleteConnection")


def registry():
    errors = iot.exceptions
    for kind in ("iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"):
        address = iot.describe_endpoint(endpointType=kind)["endpointAddress"]
        assert address == f"localhost:{port}", address
    refused(errors.InvalidRequestException, iot.describe_endpoint, endpointType="iot:Nothing")
    proved("DescribeEndpoint")

    attributes = {"attributePayload": {"attributes": {"colour": "red"}}}
    created = iot.create_thing(thingName="lamp", **attributes)
    assert created["thingArn"] == "arn:aws:iot:eu-west-1:000000000000:thing/lamp", created
    assert iot.create_thing(thingName="lamp", **attributes)["thingId"] == created["thingId"]
    answer = refused(errors.ResourceAlreadyExistsException, iot.create_thing, thingName="lamp")
    assert (answer["resourceId"], answer["resourceArn"]) == (created["thingId"], created["thingArn"]), answer
    refused(errors.InvalidRequestException, iot.create_thing, thingName="no lamp")
    proved("CreateThing")

    iot.update_thing(thingName="lamp", attributePayload={"attributes": {"watts": "7"}, "merge": True}, expectedVersion=1)
    refused(errors.VersionConflictException, iot.update_thing, thingName="lamp", expectedVersion=1)
    refused(errors.ResourceNotFoundException, iot.update_thing, thingName="none")
    proved("UpdateThing")

    thing = iot.describe_thing(thingName="lamp")
    assert (thing["version"], thing["attributes"]) == (2, {"colour": "red", "watts": "7"}), thing
    refused(errors.ResourceNotFoundException, iot.describe_thing, thingName="none")
    proved("DescribeThing")

    for number in range(4):
        iot.create_thing(thingName=f"t{number}")
    names = [thing["thingName"] for page in iot.get_paginator("list_things").paginate(maxResults=2) for thing in page["things"]]
    assert names == ["lamp", "t0", "t1", "t2", "t3"], names
    red = iot.list_things(attributeName="colour", attributeValue="red")["things"]
    assert [thing["thingName"] for thing in red] == ["lamp"], red
    proved("ListThings")

    data.update_thing_shadow(thingName="lamp", payload=b'{"state":{}}')
    refused(errors.VersionConflictException, iot.delete_thing, thingName="lamp", expectedVersion=1)
    iot.delete_thing(thingName="lamp")
    iot.delete_thing(thingName="lamp")
    assert document(data.get_thing_shadow(thingName="lamp"))["version"] > 1, "the shadow went with its thing"
    proved("DeleteThing")


def strangers():
    wrong = boto3.client("iot-data", **{**settings, "aws_secret_access_key": "wrong"})
    answer = refused(wrong.exceptions.ForbiddenException, wrong.delete_connection, clientId="c")
    reason = answer["ResponseMetadata"]["HTTPHeaders"]["x-sundial-explanation"]
    assert "the secret" in reason, reason
    proved("ForbiddenException")


beside = device("dev/1", expiry=300)
shadows()
messages()
connections(beside)
registry()
strangers()
