"""What a server that has just started loads before it shows a page."""

from test_structure import loaded


def test_pages_need_no_model_library():
    found = loaded("from app import compare, estimators, live")
    assert "torch" in found
    assert found & {"transformers", "tokenizers"} == set()
