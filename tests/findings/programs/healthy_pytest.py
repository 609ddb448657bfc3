# SPDX-License-Identifier: GPL-3.0-or-later
# imports: pytest
"""pytest in its last hook, after a small suite with fixtures, parameters, a skipped and an expected failure."""
import os
import tempfile

import pytest

SUITE = '''
import pytest

@pytest.fixture(scope="module")
def table():
    return {n: str(n) for n in range(100)}

@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    yield tmp_path

@pytest.mark.parametrize("n", range(60))
def test_lookup(table, n):
    assert table[n] == str(n)

def test_file(folder, capsys):
    print((folder / "a.txt").read_text())
    assert capsys.readouterr().out == "a\\n"

@pytest.mark.skip(reason="not here")
def test_never():
    assert False

@pytest.mark.xfail
def test_known():
    assert 1 == 2

class TestGroup:
    def setup_method(self):
        self.items = []
    def test_append(self):
        self.items.append(1)
        assert self.items == [1]
    def test_raises(self):
        with pytest.raises(KeyError) as caught:
            {}["missing"]
        assert caught.value.args == ("missing",)
'''


class Last:
    """Stands at the end of the session, when everything of it is still there."""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        assert exitstatus == 0 and session.testscollected > 60
        os.write(READY, b"\nready\n")
        os.read(ASK, 1)


READY, ASK = os.dup(1), os.dup(0)
with tempfile.TemporaryDirectory() as place:
    with open(os.path.join(place, "test_suite.py"), "w") as file:
        file.write(SUITE)
    pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--rootdir", place, place], plugins=[Last()])
