"""One thread and derandomised property tests, so that a run can be repeated."""

import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("default", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("default")
