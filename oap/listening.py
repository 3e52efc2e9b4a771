"""Where agents connect, of the three places where that can be set (spec receiver-protocol 4.5)."""

from oap.config.config import Config
from oap.receiver.grpc_server import ReceiverSettings


def receiver_settings(config: Config) -> ReceiverSettings:
    """The eBPF receiver's own port, else the one that receivers share, else the core's."""
    ebpf, sharing = config.ebpf_receiver, config.sharing_server
    own = ebpf if ebpf.grpc_port else sharing if sharing.grpc_port else None
    chosen = own or config.core
    threads = {"stream_threads": chosen.grpc_thread_pool_size} if chosen.grpc_thread_pool_size > 0 else {}
    return ReceiverSettings(
        host=chosen.grpc_host,
        port=chosen.grpc_port,
        max_concurrent_calls_per_connection=chosen.max_concurrent_calls_per_connection,
        max_message_size=chosen.max_message_size,
        pending_limit=ebpf.max_pending_bytes,
        authentication=sharing.authentication,
        ssl_enabled=chosen.grpc_ssl_enabled,
        ssl_key_path=chosen.grpc_ssl_key_path,
        ssl_cert_chain_path=chosen.grpc_ssl_cert_chain_path,
        ssl_trusted_cas_path=own.grpc_ssl_trusted_cas_path if own else "",
        **threads,
    )
