"""Layers have their stored numbers."""

from oap.entity.layers import Layer, layer_name


def test_numbers_that_this_server_writes() -> None:
    assert {layer.name: layer.value for layer in (Layer.UNDEFINED, Layer.MESH, Layer.GENERAL, Layer.K8S_SERVICE)} == {
        "UNDEFINED": 0,
        "MESH": 1,
        "GENERAL": 2,
        "K8S_SERVICE": 17,
    }


def test_conjectured_layers_are_not_normal() -> None:
    assert [layer.value for layer in Layer if not layer.is_normal] == [0, 14, 15, 16, 19, 45]


def test_unlisted_number_is_undefined() -> None:
    assert (layer_name(17), layer_name(0), layer_name(999)) == ("K8S_SERVICE", "UNDEFINED", "UNDEFINED")


def test_numbers_have_no_gaps() -> None:
    assert [layer.value for layer in Layer] == list(range(47))
