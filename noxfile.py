"""The tests under every supported Python that is here, against the package as it is installed: `make pythons`."""

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False

SUPPORTED = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))


@nox.session(python=SUPPORTED)
def tests(session: nox.Session) -> None:
    """Run what is given after --, by default all tests, in a venv with the built wheel."""
    session.install(".[test]")
    session.run("python", "-m", "pytest", "-n", "2", "--dist", "worksteal", *session.posargs)
