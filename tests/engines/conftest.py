"""Failed rules show the values they compared, as failed tests do."""

import pytest

pytest.register_assert_rewrite("tests.engines.conformance")
