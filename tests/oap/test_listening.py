from dataclasses import replace
from pathlib import Path

import pytest

from oap.config.config import Config
from oap.config.load import load_config
from oap.config.sections import CoreSettings, EbpfReceiverSettings, SharingServerSettings
from oap.listening import receiver_settings
from oap.receiver.grpc_server import ReceiverSettings


@pytest.fixture
def config() -> Config:
    return load_config(Path(__file__).parents[2] / "config", {})


def test_agents_connect_to_the_port_of_the_core(config: Config) -> None:
    assert receiver_settings(config) == ReceiverSettings()


def test_the_shared_port_comes_before_that_of_the_core(config: Config) -> None:
    sharing = SharingServerSettings(
        grpc_port=11801, grpc_host="::1", authentication="t", grpc_ssl_trusted_cas_path="ca"
    )
    settings = receiver_settings(replace(config, sharing_server=sharing))
    assert settings == ReceiverSettings("::1", 11801, authentication="t", ssl_trusted_cas_path="ca")


def test_the_receivers_own_port_comes_first_and_keeps_the_shared_token(config: Config) -> None:
    own = EbpfReceiverSettings(
        grpc_port=11802, max_message_size=9, grpc_thread_pool_size=3, max_concurrent_calls_per_connection=4
    )
    sharing = SharingServerSettings(grpc_port=11801, authentication="t")
    assert receiver_settings(replace(config, ebpf_receiver=own, sharing_server=sharing)) == ReceiverSettings(
        port=11802,
        max_message_size=9,
        stream_threads=3,
        max_concurrent_calls_per_connection=4,
        authentication="t",
    )


def test_bytes_that_may_wait_and_files_of_tls_are_passed_on(config: Config) -> None:
    core = CoreSettings(grpc_ssl_enabled=True, grpc_ssl_key_path="key", grpc_ssl_cert_chain_path="chain")
    own = EbpfReceiverSettings(max_pending_bytes=2_000_000)
    assert receiver_settings(replace(config, core=core, ebpf_receiver=own)) == ReceiverSettings(
        pending_limit=2_000_000, ssl_enabled=True, ssl_key_path="key", ssl_cert_chain_path="chain"
    )
