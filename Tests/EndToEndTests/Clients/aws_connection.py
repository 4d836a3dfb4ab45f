"""AWS's SDK for Python (v2) on a WebSocket that its C core signs, for the scripts beside this one."""

import threading
from contextlib import contextmanager

from awscrt import auth
from awsiot import mqtt5_client_builder, mqtt_connection_builder

DEADLINE_SECONDS = 30


@contextmanager
def connected(version, port, ca, client_id, token=None, **more):
    """A connected client: `mqtt.Connection` for version "4", `mqtt5.Client` for "5" (whose builder gets `more`)."""
    settings = {
        "endpoint": "localhost",
        "port": int(port),
        "region": "eu-west-1",
        "credentials_provider": auth.AwsCredentialsProvider.new_static("test", "test", token),
        "ca_filepath": ca,
        "client_id": client_id,
    }
    if version == "5":
        client = mqtt5_client(settings | more)
        yield client
        client.stop()
    else:
        connection = mqtt_connection_builder.websockets_with_default_aws_signing(clean_session=True, **settings)
        connection.connect().result(DEADLINE_SECONDS)
        yield connection
        connection.disconnect().result(DEADLINE_SECONDS)


def mqtt5_client(settings):
    answered = threading.Event()
    failures = []

    def failed(data):
        failures.append(str(data.exception))
        answered.set()

    client = mqtt5_client_builder.websockets_with_default_aws_signing(
        on_lifecycle_connection_success=lambda data: answered.set(),
        on_lifecycle_connection_failure=failed,
        **settings,
    )
    client.start()
    if not answered.wait(DEADLINE_SECONDS):
        failures.append("no answer")
    if failures:
        client.stop()
        raise ConnectionError("; ".join(failures))
    return client
