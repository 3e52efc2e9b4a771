from oap.telemetry.process import ProcessMeters


def test_the_process_reports_itself() -> None:
    readings = {reading.definition.name: reading for reading in ProcessMeters("1.2.3").meters()}
    assert set(readings) == {
        "oap_build_info",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_start_time_seconds",
    }
    assert readings["oap_build_info"].labels[0] == "1.2.3"
