"""What holds for every test: time is measured by the benchmarks only, so a slow example is no failure."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
