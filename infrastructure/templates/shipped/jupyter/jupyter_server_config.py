"""How the Jupyter servers of the labs run; the token comes by file, never by argument."""

import os
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821  Jupyter puts it there

c.IdentityProvider.token = Path(os.environ["LAB_TOKEN_FILE"]).read_text(encoding="ascii").strip()
c.ServerApp.allow_root = os.geteuid() == 0
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port_retries = 0

# Nothing is fetched from other hosts: no news, no list of extensions.
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.JupyterNotebookApp.extension_manager = "readonly"
