"""A folder served on the loopback."""

import pytest

from jxgis.errors import InputError
from jxgis.viewer import serve


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_a_port_that_cannot_be_is_one_sentence(tmp_path, port):
    (tmp_path / "index.html").touch()
    with pytest.raises(InputError, match=f"no port {port}\\. Give one from 0 to 65535"):
        serve(tmp_path, port, print)


def test_a_folder_without_a_page_is_not_served(tmp_path):
    with pytest.raises(InputError, match="no page"):
        serve(tmp_path, 0, print)


def test_the_last_port_is_one(tmp_path):
    (tmp_path / "index.html").touch()

    def told(address):
        assert address == "http://127.0.0.1:65535/index.html"
        raise KeyboardInterrupt

    serve(tmp_path, 65535, told)
