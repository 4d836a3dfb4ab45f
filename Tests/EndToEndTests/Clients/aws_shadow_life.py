"""The life of a shadow as the shadow clients of AWS's SDK for Python (v2) see it: once classic, once named.

aws_shadow_life.py IotShadowClient|IotShadowClientV2 4|5 PORT CA_FILE THING SHADOW

Prints what the SDK hands to its user, in the order of arrival, as one JSON object a line. Times within a minute of the
clock are printed as "now", the token of the request as "ours", and what the SDK leaves None not at all.
"""

import datetime
import json
import queue
import sys
import uuid

import awsiot
from awscrt import mqtt, mqtt_request_response
from awsiot import iotshadow
from awsiot.iotshadow import ShadowState

from aws_connection import DEADLINE_SECONDS, connected

kind, version, port, ca, thing, named = sys.argv[1:7]


class Shadow:
    """One shadow, classic without a name. The SDK has a method and a class of its own for each of the two."""

    def __init__(self, client, name):
        self.client = client
        self.where = {"thing_name": thing} | ({"shadow_name": name} if name else {})
        self.is_named = name is not None
        self.heard = queue.Queue()
        self.token = None

    def method(self, name):
        return getattr(self.client, name.replace("shadow", "named_shadow", 1) if self.is_named else name)

    def shape(self, name, **fields):
        shape = getattr(iotshadow, name.replace("Shadow", "NamedShadow", 1) if self.is_named else name)
        return shape(**self.where, **fields)

    def request(self, verb, token=None, **fields):
        """What is published, with a token to know the answer by. The newer client puts in a token of its own."""
        self.token = token or str(uuid.uuid4())
        return self.shape(f"{verb.title()}ShadowRequest", client_token=self.token, **fields)

    def ask(self, verb, until=None, **fields):
        """Sends a request and prints all that comes, up to `until` (`accepted` if None) or the rejection."""
        ends = (until or f"{verb}/accepted", f"{verb}/rejected")
        self.send(verb, self.request(verb, **fields))
        event = None
        while event not in ends:
            event, payload = self.heard.get(timeout=DEADLINE_SECONDS)
            print(json.dumps({"event": event, "payload": self.plain(payload)}, separators=(",", ":")), flush=True)

    def plain(self, value):
        if isinstance(value, awsiot.ModeledClass):
            slots = [slot for slot in value.__slots__ if not slot.endswith("_is_nullable")]
            fields = {slot: getattr(value, slot) for slot in slots}
            value = {
                slot: field for slot, field in fields.items()
                if field is not None or getattr(value, f"{slot}_is_nullable", False)
            }
        if isinstance(value, dict):
            return {key: self.plain(self.time(field) if key == "timestamp" else field) for key, field in value.items()}
        return "ours" if value == self.token else value

    @staticmethod
    def time(value):
        if isinstance(value, dict):
            return value
        seconds = value.timestamp() if isinstance(value, datetime.datetime) else value
        return "now" if abs(datetime.datetime.now().timestamp() - seconds) < 60 else seconds


class StreamingShadow(Shadow):
    """With `IotShadowClientV2`: each request has a future, delta and documents are streams."""

    def __init__(self, connection, name):
        options = mqtt_request_response.ClientOptions(
            max_request_response_subscriptions=6, max_streaming_subscriptions=2,
            operation_timeout_in_seconds=DEADLINE_SECONDS,
        )
        super().__init__(iotshadow.IotShadowClientV2(connection, options), name)
        self.streams = [
            self.stream("delta", "create_shadow_delta_updated_stream", "ShadowDeltaUpdatedSubscriptionRequest"),
            self.stream("documents", "create_shadow_updated_stream", "ShadowUpdatedSubscriptionRequest"),
        ]

    def stream(self, event, method, shape):
        established = queue.Queue()
        options = awsiot.ServiceStreamOptions(
            incoming_event_listener=lambda payload: self.heard.put((event, payload)),
            subscription_status_listener=established.put,
            deserialization_failure_listener=lambda failure: self.heard.put((event, str(failure.payload))),
        )
        stream = self.method(method)(self.shape(shape), options)
        stream.open()
        status = established.get(timeout=DEADLINE_SECONDS)
        assert status.type == mqtt_request_response.SubscriptionStatusEventType.SUBSCRIPTION_ESTABLISHED, status
        return stream

    def send(self, verb, request):
        def answered(future):
            failure = future.exception()
            if failure is None:
                self.heard.put((f"{verb}/accepted", future.result()))
            else:
                self.heard.put((f"{verb}/rejected", failure.modeled_error or str(failure.inner_error)))

        future = self.method(f"{verb}_shadow")(request)
        self.token = request.client_token
        future.add_done_callback(answered)


class SubscribingShadow(Shadow):
    """With `IotShadowClient`: a subscription for each kind of answer, delta and documents among them."""

    def __init__(self, connection, name):
        super().__init__(iotshadow.IotShadowClient(connection), name)
        for verb in ("get", "update", "delete"):
            for answer in ("accepted", "rejected"):
                self.subscribe(f"{verb}/{answer}", f"{verb}_shadow_{answer}", f"{verb.title()}ShadowSubscriptionRequest")
        self.subscribe("delta", "shadow_delta_updated_events", "ShadowDeltaUpdatedSubscriptionRequest")
        self.subscribe("documents", "shadow_updated_events", "ShadowUpdatedSubscriptionRequest")

    def subscribe(self, event, method, shape):
        granted, _ = self.method(f"subscribe_to_{method}")(
            self.shape(shape), mqtt.QoS.AT_LEAST_ONCE, lambda payload: self.heard.put((event, payload))
        )
        assert granted.result(DEADLINE_SECONDS) == mqtt.QoS.AT_LEAST_ONCE

    def send(self, verb, request):
        self.method(f"publish_{verb}_shadow")(request, mqtt.QoS.AT_LEAST_ONCE).result(DEADLINE_SECONDS)


def life(shadow):
    shadow.ask("get")
    shadow.ask("update", until="documents", state=ShadowState(desired={"mode": "eco", "fan": {"speed": 2}}))
    shadow.ask("update", until="documents", state=ShadowState(reported={"mode": "eco"}))
    shadow.ask("get")
    shadow.ask("update", state=ShadowState(reported={"mode": "off"}), version=1)
    deep = "bottom"
    for level in range(9):
        deep = {f"level{level}": deep}
    shadow.ask("update", state=ShadowState(desired=deep))
    shadow.ask("update", state=ShadowState(desired={"large": "x" * 8192}))
    if kind == "IotShadowClient":
        shadow.ask("update", state=ShadowState(desired={}), token="t" * 65)
    shadow.ask("update", until="documents", state=ShadowState(desired_is_nullable=True), version=2)
    shadow.ask("delete")
    shadow.ask("get")
    shadow.ask("delete")


with connected(version, port, ca, f"{kind}-{version}") as connection:
    for name in (None, named):
        life((StreamingShadow if kind == "IotShadowClientV2" else SubscribingShadow)(connection, name))
