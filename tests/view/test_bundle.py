"""The modules of the view become one script, in one scope."""

import pytest

from explorer.view import bundle


def test_a_name_that_two_modules_declare_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(bundle, "FOLDER", tmp_path)
    (tmp_path / "a.js").write_text("export const GAP = 1;\n")
    (tmp_path / "b.js").write_text('import { GAP } from "./a.js";\nfunction rows() {}\n')
    assert bundle.program("b.js") == "const GAP = 1;\nfunction rows() {}\n"
    (tmp_path / "b.js").write_text('import { GAP as one } from "./a.js";\nlet GAP = 2;\n')
    with pytest.raises(ValueError, match=r"^GAP is declared in a.js and in b.js"):
        bundle.program("b.js")
