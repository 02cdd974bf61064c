"""JupyterLab and Voilà for the browser tests: each on a free loopback port, in a session of its own, with settings of its own.

What was found by trying: Voilà runs the notebook at every GET, so nothing but its port may be asked whether it is up; a server is
ended by its group, gently first, for then it ends its kernels too; Lab's announcements would ask the internet.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request

UP_SECONDS = 60  # 3 s on a quiet machine
DOWN_SECONDS = 10
OWN_FOLDERS = ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTERLAB_SETTINGS_DIR")


class Server:
    """A Jupyter server over a folder of notebooks; a context manager.

    Parameters
    ----------
    kind : {"lab", "voila"}
    folder : Path
        What it serves, and where its log and its settings go.
    """

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        self.token = secrets.token_hex(16)
        self.log = folder / ".server.log"

    def __enter__(self):
        for attempt in (1, 2):  # between choosing a port and taking it, another program may take it
            self._start()
            try:
                self._wait()
                return self
            except RuntimeError:
                self.end()
                if attempt == 2:
                    raise

    def __exit__(self, *_):
        self.end()

    def address(self, name):
        """Return where the notebook `name` is shown; each in a workspace of its own, so that no tab is left from another."""
        home = f"http://127.0.0.1:{self.port}"
        if self.kind == "voila":
            return f"{home}/voila/render/{name}"
        return f"{home}/lab/workspaces/{name.removesuffix('.ipynb')}/tree/{name}?token={self.token}"

    def end_kernels(self):
        """End Lab's kernels, so that many tests do not fill the memory; Voilà ends its own when the page goes."""
        if self.kind == "lab":
            for kernel in json.loads(self._ask("GET", "api/kernels")):
                self._ask("DELETE", f"api/kernels/{kernel['id']}")

    def end(self):
        """End the server and its group."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(DOWN_SECONDS)

    def _start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = self.folder / ".settings"
        (settings / "labconfig").mkdir(parents=True, exist_ok=True)
        off = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        (settings / "labconfig" / "page_config.json").write_text(json.dumps(off))
        names = (
            "JUPYTER_CONFIG_DIR JUPYTER_DATA_DIR JUPYTER_RUNTIME_DIR IPYTHONDIR JUPYTERLAB_WORKSPACES_DIR JUPYTERLAB_SETTINGS_DIR"
        )
        own = {name: str(settings / name.lower()) for name in names.split()} | {"JUPYTER_CONFIG_DIR": str(settings)}
        theirs = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # kernels draw into the notebook
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments()],
                cwd=self.folder,
                env={**theirs, **own, "JUPYTER_PREFER_ENV_PATH": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _arguments(self):
        if self.kind == "voila":
            return ["voila", ".", "--no-browser", f"--port={self.port}", "--Voila.port_retries=0", "--Voila.ip=127.0.0.1"]
        options = {
            "LabApp.expose_app_in_browser": True,
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.folder,
            "ServerApp.allow_root": True,
            "IdentityProvider.token": self.token,
        }
        return ["jupyterlab", "--no-browser", *(f"--{name}={value}" for name, value in options.items())]

    def _wait(self):
        end = time.monotonic() + UP_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.kind} did not come up in {UP_SECONDS} s:\n{self.log.read_text()[-2000:]}")

    def _ask(self, method, path):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=DOWN_SECONDS) as answer:
            return answer.read()
