"""Layers: which part of a system a service belongs to (spec entities 4, storage 1.5)."""

from enum import IntEnum


class Layer(IntEnum):
    """A layer's name and stored number: all that SkyWalking 10.4 knows, though this server writes few of them."""

    UNDEFINED = 0
    MESH = 1
    GENERAL = 2
    OS_LINUX = 3
    K8S = 4
    FAAS = 5
    MESH_CP = 6
    MESH_DP = 7
    DATABASE = 8
    CACHE = 9
    BROWSER = 10
    SO11Y_OAP = 11
    SO11Y_SATELLITE = 12
    MQ = 13
    VIRTUAL_DATABASE = 14
    VIRTUAL_MQ = 15
    VIRTUAL_GATEWAY = 16
    K8S_SERVICE = 17
    MYSQL = 18
    VIRTUAL_CACHE = 19
    POSTGRESQL = 20
    APISIX = 21
    AWS_EKS = 22
    OS_WINDOWS = 23
    AWS_S3 = 24
    AWS_DYNAMODB = 25
    AWS_GATEWAY = 26
    REDIS = 27
    ELASTICSEARCH = 28
    RABBITMQ = 29
    MONGODB = 30
    KAFKA = 31
    PULSAR = 32
    BOOKKEEPER = 33
    NGINX = 34
    ROCKETMQ = 35
    CLICKHOUSE = 36
    ACTIVEMQ = 37
    CILIUM_SERVICE = 38
    SO11Y_JAVA_AGENT = 39
    KONG = 40
    SO11Y_GO_AGENT = 41
    FLINK = 42
    BANYANDB = 43
    GENAI = 44
    VIRTUAL_GENAI = 45
    ENVOY_AI_GATEWAY = 46

    @property
    def is_normal(self) -> bool:
        """Whether its services report themselves, instead of being conjectured from calls to them."""
        return self is not Layer.UNDEFINED and not self.name.startswith("VIRTUAL_")


def layer_name(number: int) -> str:
    """Return the name of a stored layer number, ``UNDEFINED`` for one that is not listed."""
    return Layer(number).name if number in Layer.__members__.values() else Layer.UNDEFINED.name
