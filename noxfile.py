"""The tests under every supported Python that is here, against the package as it is installed: `make pythons`."""

from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False

SUPPORTED = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))


@nox.session(python=SUPPORTED)
def tests(session: nox.Session) -> None:
    """Run what is given after --, by default all tests, in a venv with the built wheel."""
    session.install(".[test]")
    # The tests are found here, and the package is not: this folder comes last, behind what is installed.
    where = session.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", silent=True)
    Path(str(where).strip(), "enforcer_tests.pth").write_text(f"{Path.cwd()}\n", encoding="utf-8")
    pytest = ("python", "-P", "-m", "pytest", "-o", "pythonpath=", "-n", "2", "--dist", "worksteal")
    session.run(*pytest, *session.posargs, env={"PYTHONSAFEPATH": "1"})
