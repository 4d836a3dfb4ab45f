"""Reads one shadow over https with boto3, without retries, until it is refused for being read too often.

throttled.py HTTPS_PORT CA_FILE

Prints the class of the error, its status and its message.
"""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

MOST_REQUESTS = 1000
port, ca = sys.argv[1:3]
data = boto3.client(
    "iot-data",
    endpoint_url=f"https://localhost:{port}",
    verify=ca,
    region_name="eu-west-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
    config=Config(retries={"total_max_attempts": 1}),
)
data.update_thing_shadow(thingName="lamp", payload=b'{"state":{"desired":{"on":true}}}')
for _ in range(MOST_REQUESTS):
    try:
        data.get_thing_shadow(thingName="lamp")
    except ClientError as error:
        assert type(error) is data.exceptions.ThrottlingException, f"{type(error)} {error}"
        print(type(error).__name__, error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Message"])
        break
else:
    raise AssertionError(f"{MOST_REQUESTS} requests were all answered")
